// SPDX-License-Identifier: Apache-2.0
#include "bench/compare_pagmo/space_problem.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "engine/arch/counts.hpp"

namespace sotto::bench {
namespace {

double stand_in_for_accuracy(const arch::Network& network) {
    double nonlinear = 0;
    for (const arch::Layer& layer : network.layers()) {
        if (layer.kind == arch::LayerKind::activation && layer.activation == arch::Activation::relu) {
            nonlinear += 1;
        } else if ((layer.kind == arch::LayerKind::activation && layer.activation == arch::Activation::square) ||
                   layer.kind == arch::LayerKind::max_pool) {
            nonlinear += 0.5;
        }
    }
    return std::log2(1 + static_cast<double>(arch::count(network).parameters)) + nonlinear;
}

}  // namespace

SpaceProblem::SpaceProblem(const std::string& file, plugin::Registry& registry)
    : space_(search::Space::load_file(file)),
      decoder_(space_),
      model_(registry.create(plugin::Kind::cost_model, "protocol", {{"setting", "lan"}})),
      scores_(1) {
    const auto& metrics = registry.describe(plugin::Kind::cost_model, "protocol").metrics;
    const auto found = std::find_if(metrics.begin(), metrics.end(),
                                    [](const plugin::Metric& metric) { return metric.name == "latency.total_ms"; });
    if (found == metrics.end()) {
        throw std::runtime_error("the cost model 'protocol' has no metric latency.total_ms");
    }
    latency_ = static_cast<std::size_t>(found - metrics.begin());
    Values values{};
    if (!space_.baseline() || !measure(*space_.baseline(), values)) {
        throw std::runtime_error(file + ": no baseline, or one that the cost model has no latency for");
    }
    baseline_ = values;
}

bool SpaceProblem::evaluate(const search::Genome& genome, Values& values) {
    if (!measure(space_.normalized(genome), values)) {
        return false;
    }
    values[0] /= baseline_[0];
    values[1] /= -baseline_[1];
    return true;
}

bool SpaceProblem::measure(const search::Genome& genome, Values& values) {
    const arch::Network* const network = decoder_.decode(genome, rejection_);
    if (network == nullptr) {
        return false;
    }
    arch::canonical_form(*network, order_);
    if (lowering_.lower(*network, order_, program_)) {
        return false;
    }
    view_.set(1, nullptr, &program_);
    const plugin::CandidateView* const views[] = {&view_};
    model_->evaluate(views, scores_);
    if (scores_[0].status != plugin::Score::Status::ok) {
        return false;
    }
    values[0] = scores_[0].metrics[latency_];
    values[1] = stand_in_for_accuracy(*network);
    return true;
}

}  // namespace sotto::bench
