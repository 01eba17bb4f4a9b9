// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/input/input_error.hpp"

namespace sotto::search::language {

/// Why a candidate is none, and which line of the space refused it.
struct Refusal {
    std::string reason;
    const input::SourceLocation* location = nullptr;  ///< lives as long as the program
    bool fault = false;  ///< an expression without a value: a mistake of the space and not of the candidate
};

}  // namespace sotto::search::language
