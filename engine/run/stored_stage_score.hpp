// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/evaluate/evaluation.hpp"

namespace sotto::run {

/// What a stage behind the search found of a network: `complete`, `unsupported` or `failed`.
struct StoredStageScore {
    std::string stage;  ///< plug-in, version and parameters: what decides the score of a network
    arch::CanonicalHash hash;
    std::uint64_t candidate = 0;  ///< id of the candidate it was first scored for
    evaluate::Evaluation::Status status = evaluate::Evaluation::Status::complete;
    std::string reason;                                   ///< where not complete
    std::vector<std::pair<std::string, double>> metrics;  ///< name and value; empty where not complete

    friend bool operator==(const StoredStageScore&, const StoredStageScore&) = default;
};

}  // namespace sotto::run
