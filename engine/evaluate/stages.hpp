// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "engine/evaluate/pipeline.hpp"
#include "engine/plugin/instance.hpp"

namespace sotto::evaluate {

/// The plug-ins of a pipeline, cheapest first, with as many instances and locks as their thread levels ask for.
class Stages {
  public:
    /// Throws as Pipeline's constructor does.
    Stages(plugin::Registry& registry, const std::vector<Stage>& requested, std::size_t slots);

    std::size_t size() const noexcept { return descriptions_.size(); }
    std::span<const plugin::Description> descriptions() const noexcept { return descriptions_; }

    /// Where in Evaluation::metrics a stage's own begin.
    std::size_t first_metric(std::size_t stage) const { return runs_[stage].first_metric; }
    /// `params`, `macs`, `relus`, `comparisons`, then those of the stages.
    std::span<const plugin::Metric> metrics() const noexcept { return metrics_; }
    static constexpr std::size_t count_metrics = 4;

    /// Candidates that a stage was given so far.
    std::uint64_t scored(std::size_t stage) const { return *runs_[stage].scored; }

    /// One call at a time per slot.
    void score(std::size_t stage, std::size_t slot, std::span<const plugin::CandidateView* const> candidates,
               std::span<plugin::Score> scores) const;

  private:
    struct Run {
        std::size_t first_metric = 0;
        std::vector<std::unique_ptr<plugin::Instance>> instances;  // one, or one per slot
        std::mutex* one_at_a_time = nullptr;
        std::unique_ptr<std::atomic<std::uint64_t>> scored;
    };

    void add_metrics(const plugin::Description& description, const Stage& stage);

    std::vector<plugin::Description> descriptions_;
    std::vector<Run> runs_;
    std::vector<plugin::Metric> metrics_;
    std::vector<std::string> metric_givers_;
    // By library: at thread level `none` not even two instances of one library may run at once.
    std::map<std::string, std::unique_ptr<std::mutex>> locks_;
};

}  // namespace sotto::evaluate
