// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/combined_score.hpp"

#include <algorithm>
#include <cmath>

namespace sotto::accuracy {
namespace {

// How much more an e-fold of credited flow is worth than an e-fold of activation units.
constexpr double flow_weight = 12;

class CombinedEvaluator final : public Evaluator {
  public:
    CombinedEvaluator(const Arguments& arguments, const sotto_host* host) : measuring_(arguments, host) {}

    void evaluate(const Graph& graph, std::uint64_t seed, std::span<double> metrics) const override {
        const ScoreMeasures measures = measuring_.measure(graph, measuring_.fit(graph), seed);
        metrics[0] = combined_score(measures);
        metrics[1] = measures.synflow;
        metrics[2] = measures.naswot;
    }

  private:
    ScoreMeasuring measuring_;
};

}  // namespace

double combined_score(const ScoreMeasures& measures) {
    if (measures.units <= 0) {
        return 0;
    }
    const double credited_flow = std::max(measures.synflow, 0.0) * measures.nonlinear_depth / measures.weighted_depth;
    return flow_weight * std::log1p(credited_flow) + measures.naswot / measures.images +
           std::log(measures.own_units / measures.units);
}

std::unique_ptr<Evaluator> make_combined(const Arguments& arguments, const sotto_host* host) {
    return std::make_unique<CombinedEvaluator>(arguments, host);
}

}  // namespace sotto::accuracy
