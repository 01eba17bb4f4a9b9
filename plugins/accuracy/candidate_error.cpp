// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/candidate_error.hpp"

namespace sotto::accuracy {

CandidateError::CandidateError(sotto_status status, const std::string& text)
    : std::runtime_error(text), status_(status) {}

void stop_if_cancelled(const sotto_host* host) {
    if (host != nullptr && host->is_cancelled != nullptr && host->is_cancelled(host) != 0) {
        throw CandidateError(SOTTO_CANCELLED, "the run is being stopped");
    }
}

}  // namespace sotto::accuracy
