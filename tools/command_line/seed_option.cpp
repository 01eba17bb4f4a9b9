// SPDX-License-Identifier: Apache-2.0
#include "tools/command_line/seed_option.hpp"

#include <cstdint>
#include <limits>

namespace sotto::tools {

CLI::Range seed_range() {
    return {std::uint64_t{0}, std::uint64_t{std::numeric_limits<std::int64_t>::max()}};
}

}  // namespace sotto::tools
