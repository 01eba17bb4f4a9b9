// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/combined_score.hpp"

#include <algorithm>
#include <cmath>

#include "plugins/accuracy/arguments.hpp"
#include "plugins/accuracy/memory.hpp"
#include "plugins/accuracy/naswot.hpp"
#include "plugins/accuracy/resolution.hpp"
#include "plugins/accuracy/synflow.hpp"

namespace sotto::accuracy {
namespace {

// How much more an e-fold of credited flow is worth than an e-fold of activation units.
constexpr double flow_weight = 12;

class CombinedEvaluator final : public Evaluator {
  public:
    CombinedEvaluator(const Arguments& arguments, const sotto_host* host)
        : settings_(noise_settings(arguments)),
          input_size_(arguments.integer("input_size")),
          memory_limit_(arguments.integer("memory_limit")),
          host_(host) {}

    void evaluate(const Graph& graph, std::uint64_t seed, std::span<double> metrics) const override {
        const Graph resized = at_least_size(graph, input_size_);
        check_memory(std::max(synflow_bytes(resized), naswot_bytes(resized, settings_.batch)), memory_limit_);
        ScoreParts parts;
        parts.synflow = synaptic_flow(resized, seed, host_);
        parts.naswot = naswot(resized, seed, settings_, host_);
        parts.images = settings_.batch;
        parts.units = resized.activation_units();
        parts.own_units = graph.activation_units();
        parts.nonlinear_depth = graph.nonlinear_depth();
        parts.weighted_depth = graph.weighted_depth();
        metrics[0] = combined_score(parts);
        metrics[1] = parts.synflow;
        metrics[2] = parts.naswot;
    }

  private:
    NoiseSettings settings_;
    std::int64_t input_size_;
    std::int64_t memory_limit_;
    const sotto_host* host_;
};

}  // namespace

double combined_score(const ScoreParts& parts) {
    if (parts.units <= 0) {
        return 0;
    }
    const double credited_flow = std::max(parts.synflow, 0.0) * parts.nonlinear_depth / parts.weighted_depth;
    return flow_weight * std::log1p(credited_flow) + parts.naswot / parts.images +
           std::log(parts.own_units / parts.units);
}

std::unique_ptr<Evaluator> make_combined(const Arguments& arguments, const sotto_host* host) {
    return std::make_unique<CombinedEvaluator>(arguments, host);
}

}  // namespace sotto::accuracy
