// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace sotto::accuracy {

/// What a part of a data set may be at most (image_data.hpp): beyond it a header is more likely wrong than meant.
inline constexpr std::size_t most_images = std::size_t{1} << 24U;
inline constexpr std::size_t most_image_side = 1024;
inline constexpr std::size_t most_pixel_bytes = std::size_t{2} << 30U;  ///< of a part in all, one a channel

}  // namespace sotto::accuracy
