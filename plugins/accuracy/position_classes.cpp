// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/position_classes.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace sotto::accuracy {
namespace {

/// Groups `positions` tuples of `taps.kernel` numbers, which `read(position, tuple)` writes, into classes of equal
/// ones.
template <typename Read>
std::pair<Axis, Taps> classify(std::int32_t positions, std::int32_t kernel, Read read) {
    std::pair<Axis, Taps> result;
    auto& [axis, taps] = result;
    taps.kernel = kernel;
    axis.class_of.resize(static_cast<std::size_t>(positions));
    std::vector<std::int32_t> tuple(static_cast<std::size_t>(kernel));
    for (std::int32_t position = 0; position < positions; ++position) {
        read(position, tuple);
        // Neighbours are mostly alike: look at the latest classes first.
        std::int32_t found = axis.classes;
        while (found-- > 0 && !std::equal(tuple.begin(), tuple.end(), taps.of(found).begin())) {
        }
        if (found < 0) {
            found = axis.classes++;
            taps.taps.insert(taps.taps.end(), tuple.begin(), tuple.end());
        }
        axis.class_of[static_cast<std::size_t>(position)] = found;
    }
    taps.outputs = axis.classes;
    return result;
}

}  // namespace

Axis Axis::constant(std::int32_t size) {
    return {std::vector<std::int32_t>(static_cast<std::size_t>(size), 0), 1};
}

std::vector<std::int32_t> Axis::multiplicities() const {
    std::vector<std::int32_t> counts(static_cast<std::size_t>(classes), 0);
    for (const std::int32_t position_class : class_of) {
        ++counts[static_cast<std::size_t>(position_class)];
    }
    return counts;
}

Taps dense_taps(std::int32_t size, std::int32_t kernel, std::int32_t stride, std::int32_t pad_before,
                std::int32_t outputs) {
    Taps result;
    result.kernel = kernel;
    result.outputs = outputs;
    result.taps.reserve(static_cast<std::size_t>(outputs) * static_cast<std::size_t>(kernel));
    for (std::int32_t output = 0; output < outputs; ++output) {
        for (std::int32_t offset = 0; offset < kernel; ++offset) {
            const std::int32_t position = output * stride - pad_before + offset;
            result.taps.push_back(position >= 0 && position < size ? position : -1);
        }
    }
    return result;
}

std::pair<Axis, Taps> class_taps(const Axis& input, std::int32_t kernel, std::int32_t stride, std::int32_t pad_before,
                                 std::int32_t outputs) {
    const auto size = static_cast<std::int32_t>(input.class_of.size());
    return classify(outputs, kernel, [&](std::int32_t output, std::vector<std::int32_t>& tuple) {
        for (std::int32_t offset = 0; offset < kernel; ++offset) {
            const std::int32_t position = output * stride - pad_before + offset;
            tuple[static_cast<std::size_t>(offset)] =
                position >= 0 && position < size ? input.class_of[static_cast<std::size_t>(position)] : -1;
        }
    });
}

std::pair<Axis, Taps> join(const Axis& left, const Axis& right) {
    assert(left.class_of.size() == right.class_of.size());
    return classify(static_cast<std::int32_t>(left.class_of.size()), 2,
                    [&](std::int32_t position, std::vector<std::int32_t>& tuple) {
                        tuple[0] = left.class_of[static_cast<std::size_t>(position)];
                        tuple[1] = right.class_of[static_cast<std::size_t>(position)];
                    });
}

}  // namespace sotto::accuracy
