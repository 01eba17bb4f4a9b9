// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/taps_in_use.hpp"

#include <algorithm>

namespace sotto::accuracy {

TapsInUse taps_in_use(std::int64_t kernel, std::int64_t stride, std::int64_t lead, std::int64_t length,
                      std::int64_t outputs) {
    TapsInUse taps;
    const std::int64_t first = std::max<std::int64_t>(0, lead - (outputs - 1) * stride);
    const std::int64_t last = std::min(kernel - 1, length - 1 + lead);
    const bool reads_padding_alone = last < first;
    taps.first = reads_padding_alone ? 0 : first;
    taps.count = reads_padding_alone ? kernel : last - first + 1;
    taps.lead = lead - taps.first;
    taps.trail = std::max<std::int64_t>(0, (outputs - 1) * stride + taps.count - taps.lead - length);
    const std::int64_t room = length + 2 * taps.lead - taps.count;
    taps.is_even = room >= 0 && room / stride + 1 == outputs;
    return taps;
}

std::pair<TapsInUse, TapsInUse> taps_in_use(const Node& convolution) {
    const sotto_window& window = convolution.window;
    return {taps_in_use(window.kernel_height, window.stride_height, window.pad_top, convolution.input.height,
                        convolution.output.height),
            taps_in_use(window.kernel_width, window.stride_width, window.pad_left, convolution.input.width,
                        convolution.output.width)};
}

}  // namespace sotto::accuracy
