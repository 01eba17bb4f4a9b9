// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/plugin/isolation/message.hpp"

namespace sotto::plugin::isolation {

/// Most candidates in one message: with every metric and reason as long as may be, the answer keeps its bound.
inline constexpr std::uint32_t most_candidates = 512;

/// What a host process must know to load a plug-in.
struct Opening {
    std::string host_name;
    std::string library;  ///< absolute path; empty: built in
};

inline void write(MessageWriter& message, const Opening& opening) {
    message.text(opening.host_name);
    message.text(opening.library);
}

inline Opening read_opening(MessageReader& message) {
    Opening opening;
    opening.host_name = message.text();
    opening.library = message.text();
    return opening;
}

}  // namespace sotto::plugin::isolation
