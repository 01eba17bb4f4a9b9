// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/convolution.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <ATen/ops/empty.h>

#include "plugins/accuracy/convolution_block.hpp"
#include "plugins/accuracy/matrix_product.hpp"
#include "plugins/accuracy/random_weights.hpp"

namespace sotto::accuracy {
namespace {

bool is_plain(const Taps& taps, std::int64_t size) {
    if (taps.kernel != 1 || taps.outputs != size) {
        return false;
    }
    for (std::int32_t output = 0; output < taps.outputs; ++output) {
        if (taps.taps[static_cast<std::size_t>(output)] != output) {
            return false;
        }
    }
    return true;
}

/// The outputs of one kernel offset along a row: `lead` zeros, then inputs `first`, first + step, ..., then zeros; or,
/// where the inputs are not evenly spaced (step 0), whatever `taps` say.
struct Run {
    std::int64_t lead = 0;
    std::int64_t length = 0;
    std::int64_t first = 0;
    std::int64_t step = 1;
};

Run find_run(const Taps& taps, std::int32_t offset) {
    const auto at = [&](std::int64_t output) {
        return std::int64_t{taps.taps[static_cast<std::size_t>(output * taps.kernel + offset)]};
    };
    Run run;
    while (run.lead < taps.outputs && at(run.lead) < 0) {
        ++run.lead;
    }
    std::int64_t end = taps.outputs;
    while (end > run.lead && at(end - 1) < 0) {
        --end;
    }
    run.length = end - run.lead;
    if (run.length > 0) {
        run.first = at(run.lead);
        run.step = run.length > 1 ? at(run.lead + 1) - run.first : 1;
        for (std::int64_t index = 0; index < run.length; ++index) {
            if (at(run.lead + index) != run.first + index * run.step || run.step < 1) {
                run.step = 0;
                break;
            }
        }
    }
    return run;
}

void copy_row(const float* source, const Run& run, const Taps& taps, std::int32_t offset, float* out) {
    if (run.step == 0) {
        for (std::int32_t output = 0; output < taps.outputs; ++output) {
            const std::int32_t tap = taps.taps[static_cast<std::size_t>(output * taps.kernel + offset)];
            out[output] = tap < 0 ? 0.0F : source[tap];
        }
        return;
    }
    std::fill_n(out, run.lead, 0.0F);
    const float* from = source + run.first;
    float* const to = out + run.lead;
    if (run.step == 1) {
        std::copy_n(from, run.length, to);
    } else if (run.step == 2) {
        for (std::int64_t index = 0; index < run.length; ++index) {
            to[index] = from[2 * index];
        }
    } else {
        for (std::int64_t index = 0; index < run.length; ++index) {
            to[index] = from[run.step * index];
        }
    }
    std::fill(to + run.length, out + taps.outputs, 0.0F);
}

}  // namespace

at::Tensor make_weights(const Graph& graph, std::size_t layer, std::uint64_t seed) {
    const std::int64_t outputs = graph.nodes()[layer].output.channels;
    const std::int64_t fan_in = graph.fan_in(layer);
    at::Tensor weights = at::empty({outputs, fan_in}, at::kFloat);
    fill_kaiming_uniform({weights.data_ptr<float>(), static_cast<std::size_t>(outputs * fan_in)}, fan_in, seed,
                         graph.nodes()[layer].key);
    return weights;
}

at::Tensor convolve(const at::Tensor& input, const at::Tensor& weights, const Taps& rows, const Taps& columns,
                    std::int64_t groups) {
    const std::int64_t channels = input.size(0);
    const std::int64_t images = input.size(1);
    const std::int64_t height = input.size(2);
    const std::int64_t width = input.size(3);
    const std::int64_t outputs = weights.size(0);
    const std::int64_t fan_in = weights.size(1);
    const std::int64_t group_outputs = outputs / groups;
    const std::int64_t positions = images * rows.outputs * columns.outputs;
    at::Tensor result = at::empty({outputs, positions}, at::kFloat);

    const auto multiply = [&](const at::Tensor& unfolded, std::int64_t begin, std::int64_t length) {
        at::Tensor part = result.narrow(1, begin, length);
        for (std::int64_t group = 0; group < groups; ++group) {
            at::Tensor group_part = part.narrow(0, group * group_outputs, group_outputs);
            multiply_into(group_part, weights.narrow(0, group * group_outputs, group_outputs),
                          unfolded.narrow(0, group * fan_in, fan_in));
        }
    };

    if (is_plain(rows, height) && is_plain(columns, width)) {
        multiply(input.view({channels, positions}), 0, positions);
        return result.view({outputs, images, rows.outputs, columns.outputs});
    }

    std::vector<Run> runs;
    for (std::int32_t offset = 0; offset < columns.kernel; ++offset) {
        runs.push_back(find_run(columns, offset));
    }
    const std::int64_t unfolded_rows = channels * rows.kernel * columns.kernel;
    const std::int64_t lines = images * rows.outputs;  // output rows of all images
    const std::int64_t block = lines_at_once(unfolded_rows, lines, columns.outputs);
    at::Tensor unfolded = at::empty({unfolded_floats(unfolded_rows, lines, columns.outputs)}, at::kFloat);
    const float* const from = input.data_ptr<float>();
    for (std::int64_t line = 0; line < lines; line += block) {
        const std::int64_t count = std::min(block, lines - line);
        float* out = unfolded.data_ptr<float>();
        for (std::int64_t channel = 0; channel < channels; ++channel) {
            for (std::int32_t row_offset = 0; row_offset < rows.kernel; ++row_offset) {
                for (std::int32_t column_offset = 0; column_offset < columns.kernel; ++column_offset) {
                    std::int64_t image = line / rows.outputs;
                    auto row = static_cast<std::int32_t>(line % rows.outputs);
                    for (std::int64_t index = 0; index < count; ++index, out += columns.outputs) {
                        const std::int32_t tap = rows.taps[static_cast<std::size_t>(row * rows.kernel + row_offset)];
                        if (tap < 0) {
                            std::fill_n(out, columns.outputs, 0.0F);
                        } else {
                            copy_row(from + ((channel * images + image) * height + tap) * width,
                                     runs[static_cast<std::size_t>(column_offset)], columns, column_offset, out);
                        }
                        if (++row == rows.outputs) {
                            row = 0;
                            ++image;
                        }
                    }
                }
            }
        }
        const std::int64_t length = count * columns.outputs;
        multiply(unfolded.narrow(0, 0, unfolded_rows * length).view({unfolded_rows, length}), line * columns.outputs,
                 length);
    }
    return result.view({outputs, images, rows.outputs, columns.outputs});
}

at::Tensor fully_connect(const at::Tensor& input, const at::Tensor& weights) {
    const std::int64_t images = input.size(1);
    const at::Tensor features = input.permute({0, 2, 3, 1}).reshape({weights.size(1), images});
    at::Tensor result = at::empty({weights.size(0), images}, at::kFloat);
    multiply_into(result, weights, features);
    return result.view({weights.size(0), images, 1, 1});
}

}  // namespace sotto::accuracy
