// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "sotto/plugin.h"

#include "plugins/accuracy/graph.hpp"

namespace sotto::accuracy {

/// One configured plug-in of this library, behind the C interface.
class Evaluator {
  public:
    virtual ~Evaluator() = default;

    /// Writes the candidate's metrics, in the order of the descriptor. Throws CandidateError where there are none. May
    /// be called from any number of threads at once; each has called use_one_thread() (blas_check.hpp).
    virtual void evaluate(const Graph& graph, std::uint64_t seed, std::span<double> metrics) const = 0;
};

class Arguments;

/// Makes the evaluator that the arguments describe. `host` may be null, and outlives it. Throws CandidateError.
using MakeEvaluator = std::unique_ptr<Evaluator> (*)(const Arguments& arguments, const sotto_host* host);

}  // namespace sotto::accuracy
