// SPDX-License-Identifier: Apache-2.0
#include "engine/evaluate/stages.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace sotto::evaluate {
namespace {

std::vector<plugin::Metric> counted_metrics() {
    using plugin::Direction;
    return {
        {"params", "1", "Weights and biases of the network", Direction::minimize, true},
        {"macs", "1", "Multiply-adds of convolutions and fully connected layers for one image", Direction::minimize,
         true},
        {"relus", "1", "Elements that pass through a ReLU for one image", Direction::minimize, true},
        {"comparisons", "1", "Comparisons of ReLUs and max pools for one image", Direction::minimize, true},
    };
}

// A plug-in that cannot be had is an error of the file that asks for it, where there is one.
template <typename Function>
auto at_place(const Stage& stage, Function&& function) {
    try {
        return function();
    } catch (const plugin::PluginError& error) {
        if (stage.location.file.empty()) {
            throw;
        }
        input::InputError::Parts parts;
        parts.location = stage.location;
        parts.problem = error.what();
        throw input::InputError(std::move(parts));
    }
}

}  // namespace

Stages::Stages(plugin::Registry& registry, const std::vector<Stage>& requested, std::size_t slots)
    : metrics_(counted_metrics()), metric_givers_(metrics_.size(), "the network's counts") {
    std::vector<std::pair<const Stage*, plugin::Description>> order;
    order.reserve(requested.size());
    for (const Stage& stage : requested) {
        order.emplace_back(&stage,
                           at_place(stage, [&] { return registry.describe(stage.kind, stage.id, stage.isolation); }));
    }
    std::stable_sort(order.begin(), order.end(), [](const auto& first, const auto& second) {
        return first.second.typical_cost_us < second.second.typical_cost_us;
    });
    for (auto& [stage, description] : order) {
        Run run;
        run.first_metric = metrics_.size();
        run.scored = std::make_unique<std::atomic<std::uint64_t>>(0);
        add_metrics(description, *stage);
        const std::size_t count = description.thread_level == plugin::ThreadLevel::instance ? slots : 1;
        for (std::size_t i = 0; i < count; ++i) {
            run.instances.push_back(at_place(*stage, [&, &asked = *stage] {
                return registry.create(asked.kind, asked.id, asked.parameters, asked.isolation);
            }));
        }
        if (description.thread_level == plugin::ThreadLevel::none) {
            std::unique_ptr<std::mutex>& lock = locks_[description.library];
            if (!lock) {
                lock = std::make_unique<std::mutex>();
            }
            run.one_at_a_time = lock.get();
        }
        runs_.push_back(std::move(run));
        descriptions_.push_back(std::move(description));
    }
}

void Stages::add_metrics(const plugin::Description& description, const Stage& stage) {
    for (const plugin::Metric& metric : description.metrics) {
        const auto same = std::find_if(metrics_.begin(), metrics_.end(),
                                       [&](const plugin::Metric& known) { return known.name == metric.name; });
        if (same != metrics_.end()) {
            input::InputError::Parts parts;
            parts.location = stage.location;
            parts.problem = plugin::to_text(description.kind) + " '" + description.id + "' gives the metric '" +
                            metric.name + "', which " +
                            metric_givers_[static_cast<std::size_t>(same - metrics_.begin())] + " gives already";
            throw input::InputError(std::move(parts));
        }
        metrics_.push_back(metric);
        metric_givers_.push_back(plugin::to_text(description.kind) + " '" + description.id + "'");
    }
}

void Stages::score(std::size_t stage, std::size_t slot, std::span<const plugin::CandidateView* const> candidates,
                   std::span<plugin::Score> scores) const {
    const Run& run = runs_[stage];
    const plugin::Instance& instance = *run.instances[run.instances.size() == 1 ? 0 : slot];
    *run.scored += candidates.size();
    if (run.one_at_a_time == nullptr) {
        instance.evaluate(candidates, scores);
        return;
    }
    const std::lock_guard lock(*run.one_at_a_time);
    instance.evaluate(candidates, scores);
}

}  // namespace sotto::evaluate
