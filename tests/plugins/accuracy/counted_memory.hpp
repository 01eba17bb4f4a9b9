// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/plugins/accuracy/flat_network.hpp"

namespace sotto::accuracy_test {

/// The most bytes that `work` has of LibTorch's allocator at once, beyond what there was before. Checks that it gives
/// all of them back. One thread at a time.
double peak_of(const std::function<void()>& work);

/// The same of that allocator and of operator new together.
double peak_with_heap_of(const std::function<void()>& work);

/// Networks with names: fire modules, residual blocks, a dense block, fully connected layers; images of three channels.
std::vector<std::pair<std::string, FlatNetwork>> networks_to_count();

}  // namespace sotto::accuracy_test
