// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "search/halving/successive_halving.hpp"
#include "tools/nas-run/run_page/shortfall_groups.hpp"

namespace sotto::tools {

/// Networks, the baseline included, that a stage was given and has answered.
struct StageShortfalls {
    std::uint64_t networks = 0;
    std::uint64_t unsupported = 0;
    std::uint64_t failed = 0;
    ShortfallGroups groups;  ///< those without a score

    bool empty() const noexcept { return unsupported + failed == 0; }
};

/// Of stage `stage`, from 0.
StageShortfalls stage_shortfalls(const search::HalvingResult& result, std::size_t stage);

/// `stage 2: 3 of 41 networks have no score (2 unsupported, 1 failed), most often (2) because: ...`; empty where all
/// have one.
std::string shortfall_text(const search::HalvingResult& result, std::size_t stage);

}  // namespace sotto::tools
