// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace sotto::accuracy {

/// The finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014):
/// a bijection whose outputs over a counter are a good random sequence.
constexpr std::uint64_t mix(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31U);
}

/// The seed of draw `repeat` of weights and images for one candidate; the first is the candidate's own seed.
constexpr std::uint64_t draw_seed(std::uint64_t seed, std::int64_t repeat) noexcept {
    return repeat == 0 ? seed : mix(seed ^ mix(static_cast<std::uint64_t>(repeat)));
}

/// The stream of the images of noise that every proxy shows: "noise".
inline constexpr std::uint64_t noise_stream = 0x6E6F697365ULL;

/// Kaiming (He) uniform weights: independent, U(-b, b) with b = sqrt(6 / fan_in), so of variance 2 / fan_in.
///
/// Counter-based: with s = mix(mix(seed) ^ layer_key) and r = mix(s + 0x9E3779B97F4A7C15 (j + 1)), weights 2j and 2j +
/// 1 are b (u + 0.5 - 2^23) / 2^23 for u = the low and the high 32 bits of r, divided by 256. Never 0.
void fill_kaiming_uniform(std::span<float> weights, std::int64_t fan_in, std::uint64_t seed, std::uint64_t layer_key);

/// N(0, 1) values: the inverse of the normal distribution (Wichura, algorithm AS 241, PPND7) at (u / 2 + 0.5) / 2^23, u
/// drawn as above (halved in integers) with `stream` in place of the layer's key.
void fill_normal(std::span<float> values, std::uint64_t seed, std::uint64_t stream);

}  // namespace sotto::accuracy
