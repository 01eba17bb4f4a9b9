// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/score_measures.hpp"

#include <algorithm>

#include "plugins/accuracy/arguments.hpp"
#include "plugins/accuracy/memory.hpp"
#include "plugins/accuracy/resolution.hpp"
#include "plugins/accuracy/synflow.hpp"

namespace sotto::accuracy {

ScoreMeasuring::ScoreMeasuring(const Arguments& arguments, const sotto_host* host)
    : settings_(noise_settings(arguments)),
      input_size_(arguments.integer("input_size")),
      memory_limit_(arguments.integer("memory_limit")),
      host_(host) {}

Graph ScoreMeasuring::fit(const Graph& graph) const {
    Graph fitted = at_least_size(graph, input_size_);
    check_memory(std::max(synflow_bytes(fitted), naswot_bytes(fitted, settings_.batch)), memory_limit_);
    return fitted;
}

ScoreMeasures ScoreMeasuring::measure(const Graph& graph, const Graph& fitted, std::uint64_t seed) const {
    ScoreMeasures measures;
    measures.synflow = synaptic_flow(fitted, seed, host_);
    measures.naswot = naswot(fitted, seed, settings_, host_);
    measures.images = settings_.batch;
    measures.units = fitted.activation_units();
    measures.own_units = graph.activation_units();
    measures.nonlinear_depth = graph.nonlinear_depth();
    measures.weighted_depth = graph.weighted_depth();
    return measures;
}

}  // namespace sotto::accuracy
