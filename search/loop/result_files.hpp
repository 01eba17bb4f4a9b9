// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/plugin/description.hpp"
#include "engine/run/run_directory.hpp"
#include "search/loop/run_configuration.hpp"
#include "search/loop/search_loop.hpp"

namespace sotto::search {

/// Indices into the metrics of a run as its tables show them: the objectives in their order, then the others in theirs.
std::vector<std::size_t> column_order(const RunConfiguration& configuration, std::span<const plugin::Metric> metrics);

/// What was written of a front.
struct ResultFiles {
    std::map<std::uint64_t, std::string> best;  ///< what the directories of members are called, `best/01`, by id
    std::vector<std::uint64_t> rows;            ///< of pareto.csv: ids of the members
};

/// Writes what a run found (docs/formats.md): `pareto.csv` for the front, `best/NN` for those of its members that
/// `best` names by id, NN being the row in `pareto.csv`, and `baseline.csv` with the baseline's row in the same
/// columns, whether or not it is on the front. Columns: the objectives, then every other metric of the run. `with_onnx`
/// adds `network.onnx` to each of `best/` and needs run::can_write_onnx(). Throws run::RunError.
ResultFiles write_result_files(const run::RunDirectory& directory, const RunConfiguration& configuration,
                               std::span<const plugin::Metric> metrics, std::span<const Member> front,
                               const std::set<std::uint64_t>& best, const std::optional<Member>& baseline,
                               bool with_onnx = false);

}  // namespace sotto::search
