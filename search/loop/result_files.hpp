// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/plugin/description.hpp"
#include "engine/run/run_directory.hpp"
#include "search/loop/run_configuration.hpp"
#include "search/loop/search_loop.hpp"

namespace sotto::search {

/// Writes what a run found (docs/formats.md): `pareto.csv` and `best/01`, `best/02`, ... for the front, and
/// `baseline.csv` with the baseline's row in the same columns, whether or not it is on the front. Columns: the
/// objectives, then every other metric of the run. `with_onnx` adds `network.onnx` to each of `best/` and needs
/// run::can_write_onnx(). Throws run::RunError.
void write_result_files(const run::RunDirectory& directory, const RunConfiguration& configuration,
                        std::span<const plugin::Metric> metrics, std::span<const Member> front,
                        const std::optional<Member>& baseline, bool with_onnx = false);

}  // namespace sotto::search
