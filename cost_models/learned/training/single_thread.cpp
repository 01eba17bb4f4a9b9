// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/training/single_thread.hpp"

#include <mutex>

#include <ATen/Parallel.h>

namespace sotto::learned {

void compute_on_calling_thread() {
    static std::once_flag once;
    std::call_once(once, [] { at::set_num_threads(1); });
    // Each thread of OpenMP's has a number of its own.
    at::init_num_threads();
}

}  // namespace sotto::learned
