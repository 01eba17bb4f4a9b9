// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/random_weights.hpp"

#include <cmath>
#include <cstddef>

namespace sotto::accuracy {
namespace {

/// Calls put(i, 24 random bits) for every i below count.
template <typename Put>
void draw(std::size_t count, std::uint64_t seed, std::uint64_t stream, Put put) {
    std::uint64_t counter = mix(mix(seed) ^ stream);
    const std::size_t pairs = count / 2;
    for (std::size_t pair = 0; pair < pairs; ++pair) {
        counter += 0x9E3779B97F4A7C15ULL;
        const std::uint64_t bits = mix(counter);
        put(2 * pair, static_cast<std::int32_t>((bits & 0xFFFFFFFFU) >> 8U));
        put(2 * pair + 1, static_cast<std::int32_t>(bits >> 40U));
    }
    if (count % 2 != 0) {
        put(count - 1, static_cast<std::int32_t>((mix(counter + 0x9E3779B97F4A7C15ULL) & 0xFFFFFFFFU) >> 8U));
    }
}

float inverse_normal(float probability) {
    const float q = probability - 0.5F;
    if (std::fabs(q) <= 0.425F) {
        const float r = 0.180625F - q * q;
        return q * (((59.109374720F * r + 159.29113202F) * r + 50.434271938F) * r + 3.3871327179F) /
               (((67.187563600F * r + 78.757757664F) * r + 17.895169469F) * r + 1.0F);
    }
    float r = std::sqrt(-std::log(q < 0 ? probability : 1.0F - probability));
    float value = 0;
    if (r <= 5.0F) {
        r -= 1.6F;
        value = (((0.17023821103F * r + 1.3067284816F) * r + 2.7568153900F) * r + 1.4234372777F) /
                ((0.12021132975F * r + 0.73700164250F) * r + 1.0F);
    } else {
        r -= 5.0F;
        value = (((0.017337203997F * r + 0.42868294337F) * r + 3.0812263860F) * r + 6.6579051150F) /
                ((0.012258202635F * r + 0.24197894225F) * r + 1.0F);
    }
    return q < 0 ? -value : value;
}

}  // namespace

void fill_kaiming_uniform(std::span<float> weights, std::int64_t fan_in, std::uint64_t seed, std::uint64_t layer_key) {
    const float scale = static_cast<float>(std::sqrt(6.0 / static_cast<double>(fan_in)) * 0x1p-23);
    float* const out = weights.data();
    draw(weights.size(), seed, layer_key, [out, scale](std::size_t index, std::int32_t bits) {
        out[index] = scale * (static_cast<float>(bits - (1 << 23)) + 0.5F);
    });
}

void fill_normal(std::span<float> values, std::uint64_t seed, std::uint64_t stream) {
    float* const out = values.data();
    draw(values.size(), seed, stream, [out](std::size_t index, std::int32_t bits) {
        out[index] = inverse_normal((static_cast<float>(bits >> 1) + 0.5F) * 0x1p-23F);
    });
}

}  // namespace sotto::accuracy
