// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "engine/random/random.hpp"
#include "plugins/accuracy/images/image_data.hpp"

namespace sotto::accuracy {

/// How training images are changed each time they are shown.
struct Augmentation {
    std::int32_t shift = 0;  ///< most pixels to each side, drawn evenly; what comes in is black
    bool flip = false;       ///< mirrored left to right every other time
};

/// One draw of it.
struct Displacement {
    std::int32_t down = 0;
    std::int32_t right = 0;
    bool flipped = false;  ///< before it is moved
};

/// Draws from the stream: two numbers for a shift, one for a flip, none for what is off.
Displacement draw_displacement(const Augmentation& augmentation, random::Stream& stream);

/// Pixels as the network is fed with them: (value / 255 - mean) / deviation of their channel.
class PixelScale {
  public:
    /// From the mean and standard deviation of each channel over the images with these numbers, at least one. A channel
    /// that is the same everywhere is only moved to 0.
    PixelScale(const ImageData& data, std::span<const std::uint32_t> images);

    double mean(std::int32_t channel) const { return means_[static_cast<std::size_t>(channel)]; }
    double deviation(std::int32_t channel) const { return deviations_[static_cast<std::size_t>(channel)]; }
    float operator()(std::int32_t channel, std::uint8_t value) const {
        return table_[static_cast<std::size_t>(channel) * 256 + value];
    }

  private:
    std::vector<double> means_;
    std::vector<double> deviations_;
    std::vector<float> table_;
};

/// Writes image `index`, displaced and scaled, as [height, width, channels].
void write_image(const ImageData& data, std::size_t index, const Displacement& displacement, const PixelScale& scale,
                 float* out);

}  // namespace sotto::accuracy
