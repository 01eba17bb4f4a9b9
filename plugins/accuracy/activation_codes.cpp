// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/activation_codes.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace sotto::accuracy {
namespace {

// Units that are compared at once: their codes stay in the cache.
constexpr std::size_t words_at_once = 512;

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target_clones("popcnt", "default")))
#endif
std::uint64_t
differing_bits(const std::uint64_t* left, const std::uint64_t* right, std::size_t words) {
    std::uint64_t count = 0;
    for (std::size_t index = 0; index < words; ++index) {
        count += static_cast<std::uint64_t>(__builtin_popcountll(left[index] ^ right[index]));
    }
    return count;
}

/// One bit for each of up to 64 values, in an order that is the same for every image, which is all that comparing
/// needs.
std::uint64_t pack(const float* values, std::size_t count) {
    std::array<unsigned char, 64> on{};
    for (std::size_t index = 0; index < count; ++index) {
        on[index] = values[index] > 0;
    }
    std::uint64_t bits = 0;
    for (std::size_t byte = 0; byte < 8; ++byte) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, on.data() + 8 * byte, 8);
        bits |= ((eight * 0x0102040810204080ULL) >> 56U) << (8 * byte);
    }
    return bits;
}

}  // namespace

ActivationCodes::ActivationCodes(std::size_t images) : images_(images), kernel_(images * images, 0.0), bits_(images) {}

void ActivationCodes::add(std::span<const float> values, std::size_t positions, double weight) {
    const std::size_t channels = values.size() / (positions * images_);
    const std::size_t words = (positions + 63) / 64;
    const std::size_t channels_at_once = std::max<std::size_t>(1, words_at_once / words);
    for (std::size_t first = 0; first < channels; first += channels_at_once) {
        const std::size_t last = std::min(channels, first + channels_at_once);
        for (std::size_t image = 0; image < images_; ++image) {
            std::vector<std::uint64_t>& code = bits_[image];
            code.clear();
            for (std::size_t channel = first; channel < last; ++channel) {
                const float* const at = values.data() + (channel * images_ + image) * positions;
                for (std::size_t position = 0; position < positions; position += 64) {
                    code.push_back(pack(at + position, std::min<std::size_t>(64, positions - position)));
                }
            }
        }
        const double here = static_cast<double>((last - first) * positions);
        for (std::size_t left = 0; left < images_; ++left) {
            kernel_[left * images_ + left] += weight * here;
            for (std::size_t right = 0; right < left; ++right) {
                const std::uint64_t differing =
                    differing_bits(bits_[left].data(), bits_[right].data(), bits_[left].size());
                const double same = weight * (here - static_cast<double>(differing));
                kernel_[left * images_ + right] += same;
                kernel_[right * images_ + left] += same;
            }
        }
    }
    units_ += weight * static_cast<double>(channels * positions);
}

double ActivationCodes::log_determinant() const {
    // Cholesky: I + K is positive definite, since K is a sum of outer products of codes and of their complements.
    std::vector<double> factor = kernel_;
    double result = 0;
    for (std::size_t row = 0; row < images_; ++row) {
        factor[row * images_ + row] += 1;
        for (std::size_t column = 0; column <= row; ++column) {
            double sum = factor[row * images_ + column];
            for (std::size_t inner = 0; inner < column; ++inner) {
                sum -= factor[row * images_ + inner] * factor[column * images_ + inner];
            }
            if (row == column) {
                // At least 1 in exact arithmetic, which rounding may miss where codes coincide.
                sum = std::max(sum, 1.0);
                result += std::log(sum);
                factor[row * images_ + row] = std::sqrt(sum);
            } else {
                factor[row * images_ + column] = sum / factor[column * images_ + column];
            }
        }
    }
    return result;
}

}  // namespace sotto::accuracy
