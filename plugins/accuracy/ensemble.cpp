// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/ensemble.hpp"

#include <algorithm>
#include <cstdint>

#include "plugins/accuracy/arguments.hpp"
#include "plugins/accuracy/ensemble_score.hpp"
#include "plugins/accuracy/network_topology.hpp"
#include "plugins/accuracy/score_measures.hpp"
#include "plugins/accuracy/smoothing.hpp"

namespace sotto::accuracy {
namespace {

class EnsembleEvaluator final : public Evaluator {
  public:
    EnsembleEvaluator(const Arguments& arguments, const sotto_host* host)
        : measuring_(arguments, host),
          weights_(arguments.text("fitted").empty() ? shipped_weights() : weights_for_space(arguments.text("fitted"))) {
    }

    void evaluate(const Graph& graph, std::uint64_t seed, std::span<double> metrics) const override {
        const Graph fitted = measuring_.fit(graph);
        EnsembleMeasures measures;
        if (fitted.activation_units() > 0) {
            measures.score = measuring_.measure(graph, fitted, seed);
            measures.shortest_path = shortest_weighted_path(graph);
            measures.smoothing = smoothing_share(graph);
        }
        const EnsembleParts parts = ensemble_parts(measures);
        metrics[0] = ensemble_score(parts, weights_);
        std::copy(parts.begin(), parts.end(), metrics.begin() + 1);
    }

  private:
    ScoreMeasuring measuring_;
    EnsembleWeights weights_;
};

}  // namespace

std::unique_ptr<Evaluator> make_ensemble(const Arguments& arguments, const sotto_host* host) {
    return std::make_unique<EnsembleEvaluator>(arguments, host);
}

}  // namespace sotto::accuracy
