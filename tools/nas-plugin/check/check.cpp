// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/check/check.hpp"

#include <vector>

namespace sotto::check {

std::string_view to_text(Outcome outcome) {
    switch (outcome) {
        case Outcome::success:
            return "success";
        case Outcome::failed:
            return "failed";
        case Outcome::crashed:
            return "crashed";
        case Outcome::skipped:
            return "skipped";
        case Outcome::warning:
            return "warning";
    }
    return "failed";
}

std::span<const Check> all_checks() {
    static const std::vector<Check> checks = [] {
        std::vector<Check> all;
        for (const auto theme :
             {loading_checks(), creation_checks(), result_checks(), parameter_checks(), agreement_checks(),
              candidate_checks(), memory_checks(), extension_checks(), incremental_checks(), state_checks(),
              host_service_checks(), resource_checks(), process_checks()}) {
            all.insert(all.end(), theme.begin(), theme.end());
        }
        return all;
    }();
    return checks;
}

}  // namespace sotto::check
