// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sotto/plugin.h"

namespace sotto::protocol::test {

sotto_operation convolution(sotto_shape input, int filters, int kernel, int stride, int pad);
sotto_operation relu(std::int64_t elements, bool truncates);
sotto_operation truncation(std::int64_t elements);
/// Windows that do not overlap.
sotto_operation max_pool(sotto_shape input, int window);
sotto_operation average_pool(sotto_shape input, int window);
sotto_operation normalization(sotto_shape shape, int kind);
sotto_operation fully_connected(int inputs, int outputs);

/// Eighteen operations with every kind that is measured.
std::vector<sotto_operation> small_network();

}  // namespace sotto::protocol::test
