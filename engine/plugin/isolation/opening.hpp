// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/plugin/isolation/message.hpp"
#include "engine/plugin/library_rules.hpp"

namespace sotto::plugin::isolation {

/// Most candidates in one message: with every metric and reason as long as may be, the answer keeps its bound.
inline constexpr std::uint32_t most_candidates = 512;

/// What a host process must know to load a plug-in.
struct Opening {
    std::string host_name;
    std::string library;  ///< absolute path; empty: built in
    Writable writable = Writable::refuse;
};

inline void write(MessageWriter& message, const Opening& opening) {
    message.text(opening.host_name);
    message.text(opening.library);
    message.number(static_cast<std::uint32_t>(opening.writable));
}

inline Opening read_opening(MessageReader& message) {
    Opening opening;
    opening.host_name = message.text();
    opening.library = message.text();
    opening.writable = static_cast<Writable>(message.count(static_cast<std::uint32_t>(Writable::allow)));
    return opening;
}

}  // namespace sotto::plugin::isolation
