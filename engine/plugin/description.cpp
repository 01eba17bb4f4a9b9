// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/description.hpp"

namespace sotto::plugin {

std::string to_text(Kind kind) {
    return kind == Kind::cost_model ? "cost model" : "accuracy proxy";
}

}  // namespace sotto::plugin
