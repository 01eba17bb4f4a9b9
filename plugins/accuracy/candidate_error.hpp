// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "sotto/plugin.h"

namespace sotto::accuracy {

/// Why a candidate has no score: the status that crosses the border and the text that goes with it.
class CandidateError : public std::runtime_error {
  public:
    CandidateError(sotto_status status, const std::string& text);

    sotto_status status() const noexcept { return status_; }

  private:
    sotto_status status_;
};

/// Asked between layers; throws CandidateError with SOTTO_CANCELLED once the host says so. `host` may be null.
void stop_if_cancelled(const sotto_host* host);

}  // namespace sotto::accuracy
