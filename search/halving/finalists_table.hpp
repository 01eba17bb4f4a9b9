// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "engine/plugin/description.hpp"
#include "search/halving/successive_halving.hpp"
#include "search/loop/run_configuration.hpp"

namespace sotto::search {

/// The file of a run directory that holds what the stages found.
inline constexpr const char* finalists_file = "finalists.csv";

/// finalists.csv (docs/formats.md): the baseline, then the finalists, best first. `best`: where each member of the
/// front is written (result_files.hpp).
std::string finalists_csv(const RunConfiguration& configuration, std::span<const plugin::Metric> metrics,
                          const HalvingResult& result, const std::map<std::uint64_t, std::string>& best);

}  // namespace sotto::search
