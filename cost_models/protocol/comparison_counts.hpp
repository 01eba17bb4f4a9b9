// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "cost_models/protocol/operation_counts.hpp"

namespace sotto::protocol {

/// Each adds what the operation sends and draws to zeroed counts, over all threads of the profile. Comparisons follow
/// Rathee et al., "CrypTFlow2", CCS 2020, section 3 (a tree over digits of comparison_radix_bits bits) with the
/// transfers of Cheetah, section 4. Element numbers are rounded up to multiples of 8 in each thread, as engines do.

/// truncates: the result is rescaled too (its sign is known, which saves the comparison).
void add_relu(const EngineProfile& profile, std::int64_t elements, bool truncates, OperationCounts& counts) noexcept;

void add_truncation(const EngineProfile& profile, std::int64_t elements, OperationCounts& counts) noexcept;

/// window: elements under one window; window - 1 comparisons one after the other, all exact.
void add_max_pool(const EngineProfile& profile, std::int64_t outputs, std::int64_t window,
                  OperationCounts& counts) noexcept;

/// The sum is local; the division by `window` is CrypTFlow2's (section 4, general division).
void add_average_pool(const EngineProfile& profile, std::int64_t outputs, std::int64_t window,
                      OperationCounts& counts) noexcept;

/// A tournament: every comparison selects the value and the index.
void add_argmax(const EngineProfile& profile, std::int64_t elements, OperationCounts& counts) noexcept;

}  // namespace sotto::protocol
