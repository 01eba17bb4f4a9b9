// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/combined.hpp"

#include "plugins/accuracy/arguments.hpp"
#include "plugins/accuracy/combined_score.hpp"
#include "plugins/accuracy/score_measures.hpp"

namespace sotto::accuracy {
namespace {

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

std::unique_ptr<Evaluator> make_combined(const Arguments& arguments, const sotto_host* host) {
    return std::make_unique<CombinedEvaluator>(arguments, host);
}

}  // namespace sotto::accuracy
