// SPDX-License-Identifier: Apache-2.0
#include <cassert>

#include "search/pareto/pareto.hpp"

namespace sotto::pareto {

bool dominates(std::span<const double> a, std::span<const double> b) {
    assert(a.size() == b.size());
    bool better = false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] > b[i]) {
            return false;
        }
        better = better || a[i] < b[i];
    }
    return better;
}

}  // namespace sotto::pareto
