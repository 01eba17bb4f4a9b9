// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace sotto::plugin {
class Registry;
}

namespace sotto::plugin::isolation {

/// Where a host process finds its connection.
inline constexpr int serve_descriptor = 3;

/// What sotto-plugin-host does: answers requests on the connection until it is asked to end, and ends at once when the
/// other side is gone. `add_built_in` registers what is linked into the program. Returns the exit code.
int serve(const std::function<void(Registry&)>& add_built_in);

}  // namespace sotto::plugin::isolation
