// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/training/augmentation.hpp"

#include <array>
#include <cassert>
#include <cmath>

namespace sotto::accuracy {
namespace {

constexpr std::size_t values = 256;

}  // namespace

Displacement draw_displacement(const Augmentation& augmentation, random::Stream& stream) {
    Displacement displacement;
    if (augmentation.shift > 0) {
        const auto places = static_cast<std::uint64_t>(2 * augmentation.shift + 1);
        displacement.down = static_cast<std::int32_t>(stream.below(places)) - augmentation.shift;
        displacement.right = static_cast<std::int32_t>(stream.below(places)) - augmentation.shift;
    }
    if (augmentation.flip) {
        displacement.flipped = stream.chance(0.5);
    }
    return displacement;
}

PixelScale::PixelScale(const ImageData& data, std::span<const std::uint32_t> images) {
    assert(!images.empty());
    const std::size_t plane = static_cast<std::size_t>(data.height) * static_cast<std::size_t>(data.width);
    for (std::size_t channel = 0; channel < static_cast<std::size_t>(data.channels); ++channel) {
        // Counting values keeps the sums exact, whatever the number of images.
        std::array<std::uint64_t, values> counts{};
        for (const std::uint32_t image : images) {
            for (const std::uint8_t value : data.image(image).subspan(channel * plane, plane)) {
                ++counts[value];
            }
        }
        std::uint64_t sum = 0;
        for (std::size_t value = 0; value < values; ++value) {
            sum += counts[value] * value;
        }
        const double pixels = static_cast<double>(images.size()) * static_cast<double>(plane);
        const double mean = static_cast<double>(sum) / pixels;
        double squares = 0;
        for (std::size_t value = 0; value < values; ++value) {
            const double distance = static_cast<double>(value) - mean;
            squares += static_cast<double>(counts[value]) * distance * distance;
        }
        constexpr double white = values - 1;
        means_.push_back(mean / white);
        deviations_.push_back(std::sqrt(squares / pixels) / white);
        const double scale = deviations_.back() > 0 ? 1 / deviations_.back() : 1;
        for (std::size_t value = 0; value < values; ++value) {
            table_.push_back(static_cast<float>((static_cast<double>(value) / white - means_.back()) * scale));
        }
    }
}

void write_image(const ImageData& data, std::size_t index, const Displacement& displacement, const PixelScale& scale,
                 float* out) {
    const std::span<const std::uint8_t> pixels = data.image(index);
    for (std::int32_t row = 0; row < data.height; ++row) {
        const std::int32_t source_row = row - displacement.down;
        const bool row_inside = source_row >= 0 && source_row < data.height;
        for (std::int32_t column = 0; column < data.width; ++column) {
            const std::int32_t moved = column - displacement.right;
            const bool inside = row_inside && moved >= 0 && moved < data.width;
            const std::int32_t source_column = displacement.flipped ? data.width - 1 - moved : moved;
            for (std::int32_t channel = 0; channel < data.channels; ++channel) {
                const std::int64_t source =
                    (std::int64_t{channel} * data.height + source_row) * data.width + source_column;
                *out++ = scale(channel, inside ? pixels[static_cast<std::size_t>(source)] : std::uint8_t{0});
            }
        }
    }
}

}  // namespace sotto::accuracy
