// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace sotto::accuracy {

/// How many of the `lines` output rows (of all images) a convolution unfolds and multiplies at once: bounds its memory
/// for wide layers, and what is unfolded stays in the cache. `unfolded_rows` is inputs times kernel elements, `columns`
/// the length of an output row.
constexpr std::int64_t lines_at_once(std::int64_t unfolded_rows, std::int64_t lines, std::int64_t columns) {
    constexpr std::int64_t block_floats = std::int64_t{1} << 20;
    return std::clamp<std::int64_t>(block_floats / (unfolded_rows * columns), 1, lines);
}

/// Floats of unfolded input that are there at once.
constexpr std::int64_t unfolded_floats(std::int64_t unfolded_rows, std::int64_t lines, std::int64_t columns) {
    return unfolded_rows * lines_at_once(unfolded_rows, lines, columns) * columns;
}

}  // namespace sotto::accuracy
