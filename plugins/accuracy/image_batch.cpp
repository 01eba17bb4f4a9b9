// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/image_batch.hpp"

#include <cstddef>

#include <ATen/ops/empty.h>

#include "plugins/accuracy/random_weights.hpp"

namespace sotto::accuracy {
namespace {

constexpr std::uint64_t noise_stream = 0x6E6F697365ULL;    // "noise"
constexpr std::uint64_t label_stream = 0x6C6162656C73ULL;  // "labels"

}  // namespace

ImageBatch draw_noise(const sotto_shape& shape, std::int64_t images, std::int64_t classes, std::uint64_t seed) {
    ImageBatch batch;
    batch.images = at::empty({images, shape.channels, shape.height, shape.width}, at::kFloat);
    fill_normal({batch.images.data_ptr<float>(), static_cast<std::size_t>(batch.images.numel())}, seed, noise_stream);
    const std::uint64_t start = mix(mix(seed) ^ label_stream);
    for (std::int64_t image = 0; image < images; ++image) {
        const std::uint64_t bits = mix(start + 0x9E3779B97F4A7C15ULL * static_cast<std::uint64_t>(image + 1)) >> 32U;
        batch.labels.push_back(static_cast<std::int64_t>((bits * static_cast<std::uint64_t>(classes)) >> 32U));
    }
    return batch;
}

}  // namespace sotto::accuracy
