// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/images/byte_error.hpp"

#include <utility>

#include "engine/input/input_error.hpp"

namespace sotto::accuracy {

void fail_at_byte(const std::string& name, std::size_t offset, const std::string& problem, std::string found,
                  std::string expected) {
    throw input::InputError(
        {{name, 0, 0}, "byte " + std::to_string(offset) + ": " + problem, std::move(found), std::move(expected), {}});
}

}  // namespace sotto::accuracy
