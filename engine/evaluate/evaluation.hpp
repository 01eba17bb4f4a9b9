// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/arch/canonical_hash.hpp"

namespace sotto::evaluate {

/// What is known of one candidate, or why nothing is.
struct Evaluation {
    // The names (to_text) stand in run databases: append, never rename.
    enum class Status : std::uint8_t {
        complete = 0,     ///< every stage ran
        constrained = 1,  ///< a metric broke a hard limit, the later stages did not run
        unsupported = 2,  ///< a layer the lowering or a plug-in cannot express
        failed = 3,       ///< a plug-in broke its contract
        cancelled = 4,    ///< the run was stopped before it was done: not stored, not cached
        rejected = 5,     ///< the source gave no network: no hash, no metrics; not cached
    };

    Status status = Status::cancelled;
    /// Failed under ErrorPolicy::penalise: to be ranked behind every candidate that has a score.
    bool worst_case = false;
    arch::CanonicalHash hash;
    std::string reason;           ///< where not complete
    std::vector<double> metrics;  ///< in the pipeline's metric order; NaN for those that were not computed
    double constraint_violation = 0;
};

/// `complete`, `constrained`, `unsupported`, `failed`, `cancelled`, `rejected`; and back (nothing for another text).
std::string_view to_text(Evaluation::Status status);
std::optional<Evaluation::Status> parse_status(std::string_view text);

}  // namespace sotto::evaluate
