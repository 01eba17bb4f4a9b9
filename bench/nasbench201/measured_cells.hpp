// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sotto::nasbench201 {

/// A cell and what was measured of it.
struct MeasuredCell {
    std::string genome;          ///< text of configs/nasbench201_space.yaml: `edge01=conv3x3 edge02=none ...`
    std::vector<double> values;  ///< one for each column
};

struct MeasuredCells {
    std::vector<std::string> columns;  ///< `cifar10-test` ...: all but `index` and `arch_str`
    std::vector<MeasuredCell> cells;
};

/// A table with the columns `arch_str`, the authors' text of a cell (`|nor_conv_3x3~0|+|none~0|skip_connect~1|+|...|`),
/// and numbers; `index` is not read. Throws input::InputError: file, line, found, expected; also for a cell that stands
/// twice.
MeasuredCells read_measured_cells(const std::string& path);
MeasuredCells parse_measured_cells(std::string_view text, const std::string& file_name);

}  // namespace sotto::nasbench201
