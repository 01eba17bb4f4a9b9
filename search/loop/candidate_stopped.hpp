// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace sotto::search {

/// A plug-in broke its contract under `on_error: stop`. The text names candidate, plug-in and reason; of the search
/// and of a fit to the space before it, the genome too; of a stage behind it, the stage. What was known before is
/// stored.
class CandidateStopped : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

}  // namespace sotto::search
