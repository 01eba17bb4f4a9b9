// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/ensemble.hpp"

#include <algorithm>
#include <cstdint>

#include "plugins/accuracy/arguments.hpp"
#include "plugins/accuracy/ensemble_score.hpp"
#include "plugins/accuracy/memory.hpp"
#include "plugins/accuracy/naswot.hpp"
#include "plugins/accuracy/network_topology.hpp"
#include "plugins/accuracy/resolution.hpp"
#include "plugins/accuracy/smoothing.hpp"
#include "plugins/accuracy/synflow.hpp"

namespace sotto::accuracy {
namespace {

class EnsembleEvaluator final : public Evaluator {
  public:
    EnsembleEvaluator(const Arguments& arguments, const sotto_host* host)
        : settings_(noise_settings(arguments)),
          input_size_(arguments.integer("input_size")),
          memory_limit_(arguments.integer("memory_limit")),
          weights_(arguments.text("fitted").empty() ? shipped_weights() : weights_for_space(arguments.text("fitted"))),
          host_(host) {}

    void evaluate(const Graph& graph, std::uint64_t seed, std::span<double> metrics) const override {
        const Graph resized = at_least_size(graph, input_size_);
        check_memory(std::max(synflow_bytes(resized), naswot_bytes(resized, settings_.batch)), memory_limit_);
        EnsembleMeasures measures;
        measures.units = resized.activation_units();
        if (measures.units > 0) {
            measures.own_units = graph.activation_units();
            measures.weights = weights_in_all(graph);
            measures.multiplications = multiplications(graph);
            measures.nonlinear_depth = graph.nonlinear_depth();
            measures.weighted_depth = graph.weighted_depth();
            measures.shortest_path = shortest_weighted_path(graph);
            measures.synflow = synaptic_flow(resized, seed, host_);
            measures.images = settings_.batch;
            measures.naswot = naswot(resized, seed, settings_, host_);
            measures.smoothing = smoothing_share(graph);
        }
        const EnsembleParts parts = ensemble_parts(measures);
        metrics[0] = ensemble_score(parts, weights_);
        std::copy(parts.begin(), parts.end(), metrics.begin() + 1);
    }

  private:
    NoiseSettings settings_;
    std::int64_t input_size_;
    std::int64_t memory_limit_;
    EnsembleWeights weights_;
    const sotto_host* host_;
};

}  // namespace

std::unique_ptr<Evaluator> make_ensemble(const Arguments& arguments, const sotto_host* host) {
    return std::make_unique<EnsembleEvaluator>(arguments, host);
}

}  // namespace sotto::accuracy
