// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/arch/canonical_hash.hpp"

namespace sotto::evaluate {

/// What is known of one candidate, or why nothing is.
struct Evaluation {
    enum class Status : std::uint8_t {
        complete = 0,     ///< every stage ran
        constrained = 1,  ///< a cheap metric broke a hard limit, the later stages did not run
        unsupported = 2,  ///< a layer the lowering or a plug-in cannot express
        failed = 3,       ///< a plug-in broke its contract
        cancelled = 4,    ///< the run was stopped before it was done: not stored, not cached
    };

    Status status = Status::cancelled;
    arch::CanonicalHash hash;
    std::string reason;           ///< where not complete
    std::vector<double> metrics;  ///< in the pipeline's metric order; NaN for those that were not computed
    double constraint_violation = 0;
};

}  // namespace sotto::evaluate
