// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace sotto::accuracy {

/// Throws input::InputError for what stands at byte `offset` of the file `name`, counted from 0.
[[noreturn]] void fail_at_byte(const std::string& name, std::size_t offset, const std::string& problem,
                               std::string found, std::string expected);

}  // namespace sotto::accuracy
