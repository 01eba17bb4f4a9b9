// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace sotto::accuracy {

/// One axis of a feature map, its positions grouped into classes that hold equal values.
///
/// Fed with an image of ones, a feature map is constant except near its borders, where padding shows: rows whose
/// windows read rows of the same classes are equal, and so are columns. One row of each class stands for all of them,
/// exactly; a 55x55 map with one padded 3x3 convolution behind it is a 3x3 map.
struct Axis {
    std::vector<std::int32_t> class_of;  ///< class of each position
    std::int32_t classes = 0;

    static Axis constant(std::int32_t size);

    /// How many positions each class has.
    std::vector<std::int32_t> multiplicities() const;
};

/// What the windows along one axis read: taps[output * kernel + offset] is an index into the input, or -1 for padding.
struct Taps {
    std::vector<std::int32_t> taps;
    std::int32_t kernel = 1;
    std::int32_t outputs = 0;

    std::span<const std::int32_t> of(std::int32_t output) const {
        return {taps.data() + std::ptrdiff_t{output} * kernel, static_cast<std::size_t>(kernel)};
    }
};

/// Windows over every position of an axis of `size` positions.
Taps dense_taps(std::int32_t size, std::int32_t kernel, std::int32_t stride, std::int32_t pad_before,
                std::int32_t outputs);

/// Windows over classes: one output per class of the output axis, which is returned too.
std::pair<Axis, Taps> class_taps(const Axis& input, std::int32_t kernel, std::int32_t stride, std::int32_t pad_before,
                                 std::int32_t outputs);

/// The coarsest axis that tells apart whatever either axis does (equal sizes); the taps (kernel 2) name the class of
/// `left` and of `right` that each joint class is.
std::pair<Axis, Taps> join(const Axis& left, const Axis& right);

}  // namespace sotto::accuracy
