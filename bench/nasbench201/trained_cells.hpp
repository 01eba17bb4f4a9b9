// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sotto::nasbench201 {

/// A cell and the accuracy of its network once it was trained, in percent.
struct TrainedCell {
    std::string genome;  ///< text of configs/nasbench201_space.yaml
    double accuracy = 0;
};

/// A list in JSON (or YAML) as NASLib's competition at AutoML-Conf gives it, `[{"arch": [0, 1, 2, 3, 4, 0], "accuracy":
/// 93.1}, ...]`: the operations of the edges (1,2) (1,3) (1,4) (2,3) (2,4) (3,4) by their place in skip, none, 3x3,
/// 1x1, average pool. Throws input::InputError: file, line, found, expected; also for a cell that stands twice.
std::vector<TrainedCell> read_trained_cells(const std::string& path);
std::vector<TrainedCell> parse_trained_cells(const std::string& text, const std::string& file_name);

}  // namespace sotto::nasbench201
