// SPDX-License-Identifier: Apache-2.0
#include "engine/evaluate/pipeline.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <Random123/philox.h>

#include "engine/evaluate/pipeline_state.hpp"
#include "engine/evaluate/wave.hpp"

namespace sotto::evaluate {
namespace {

constexpr std::array<std::string_view, 3> policy_names = {"stop", "skip", "penalise"};

input::InputError unknown_name(std::string problem, std::string_view name, std::span<const std::string_view> known,
                               const input::SourceLocation& location) {
    return input::InputError({location, std::move(problem), '\'' + std::string(name) + '\'', input::list_names(known),
                              std::string(input::nearest_name(name, known))});
}

void check_profile(std::string_view profile) {
    std::vector<std::string_view> names;
    for (const secure::LoweringProfile& known : secure::lowering_profiles()) {
        names.push_back(known.name);
    }
    if (std::find(names.begin(), names.end(), profile) == names.end()) {
        throw unknown_name("unknown lowering profile", profile, names, {});
    }
}

// A store of another pipeline would give metrics under wrong names.
void check_recalled(const Evaluation& evaluation, const arch::CanonicalHash& hash, std::size_t metrics) {
    if (evaluation.hash != hash || evaluation.metrics.size() != metrics) {
        throw std::invalid_argument("evaluation of network " + to_text(evaluation.hash) + " with " +
                                    std::to_string(evaluation.metrics.size()) + " metrics given for network " +
                                    to_text(hash) + " in a pipeline of " + std::to_string(metrics) + " metrics");
    }
    if (evaluation.status == Evaluation::Status::cancelled || evaluation.status == Evaluation::Status::rejected) {
        throw std::invalid_argument("evaluation of network " + to_text(hash) + " is " +
                                    std::string(to_text(evaluation.status)));
    }
}

}  // namespace

std::span<const std::string_view> error_policy_names() {
    return policy_names;
}

EvaluationStopped::EvaluationStopped(std::size_t index, const std::string& reason,
                                     std::shared_ptr<const Batch> finished)
    : std::runtime_error("candidate " + std::to_string(index) + ": " + reason),
      index_(index),
      finished_(std::move(finished)) {}

std::uint64_t candidate_seed(std::uint64_t run_seed, const arch::CanonicalHash& hash) {
    const auto low_half = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
    const auto high_half = [](std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32U); };
    const r123::Philox4x32::key_type key = {{low_half(run_seed), high_half(run_seed)}};
    const r123::Philox4x32::ctr_type counter = {
        {low_half(hash.low), high_half(hash.low), low_half(hash.high), high_half(hash.high)}};
    const r123::Philox4x32::ctr_type block = r123::Philox4x32{}(counter, key);
    return (static_cast<std::uint64_t>(block[1]) << 32U) | block[0];
}

PipelineState::PipelineState(plugin::Registry& registry, PipelineOptions requested)
    : options(std::move(requested)),
      workers(options.threads),
      stages(registry, options.stages, workers.slots()),
      cache(options.cache_capacity) {
    options.batch_size = std::max<std::size_t>(1, options.batch_size);
    resolve_limits();
    const auto descriptions = stages.descriptions();
    const auto costly = [&](const auto& stage) { return stage.typical_cost_us >= options.costly_from_us; };
    first_costly =
        static_cast<std::size_t>(std::find_if(descriptions.begin(), descriptions.end(), costly) - descriptions.begin());
    lowers =
        std::any_of(descriptions.begin(), descriptions.end(), [](const auto& stage) { return stage.needs_program; });
    check_profile(options.lowering_profile);
    for (std::size_t slot = 0; slot < workers.slots(); ++slot) {
        Scratch& worker = scratch.emplace_back(Scratch{secure::Lowering(options.lowering_profile), {}, {}, {}, {}, {}});
        for (std::size_t i = 0; i < options.batch_size; ++i) {
            worker.views.push_back(std::make_unique<plugin::CandidateView>());
        }
        worker.scores.resize(options.batch_size);
    }
}

std::size_t PipelineState::metric_index(std::string_view name, const input::SourceLocation& location) const {
    std::vector<std::string_view> names;
    for (const plugin::Metric& metric : stages.metrics()) {
        names.push_back(metric.name);
    }
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
        throw unknown_name("unknown metric", name, names, location);
    }
    return static_cast<std::size_t>(found - names.begin());
}

void PipelineState::resolve_limits() {
    for (const Limit& limit : options.limits) {
        const std::size_t metric = metric_index(limit.metric, limit.location);
        if (limit.least && limit.most && *limit.least > *limit.most) {
            throw input::InputError(
                {limit.location, "limit on '" + limit.metric + '\'',
                 "least " + readable_number(*limit.least) + " and most " + readable_number(*limit.most),
                 "least no greater than most", ""});
        }
        limits.push_back({metric, limit.least, limit.most});
    }
}

bool PipelineState::recall(arch::CanonicalHash hash, Evaluation& evaluation) {
    if (const Evaluation* known = cache.find(hash)) {
        evaluation = *known;
    } else if (!recall_function || !recall_function(hash, evaluation)) {
        return false;
    } else {
        check_recalled(evaluation, hash, stages.metrics().size());
        if (evaluation.status == Evaluation::Status::failed && options.on_error == ErrorPolicy::stop) {
            evaluation = Evaluation{};
            evaluation.hash = hash;
            return false;
        }
        cache.insert(evaluation);
    }
    evaluation.worst_case =
        evaluation.status == Evaluation::Status::failed && options.on_error == ErrorPolicy::penalise;
    return true;
}

Pipeline::Pipeline(plugin::Registry& registry, PipelineOptions options)
    : state_(std::make_unique<PipelineState>(registry, std::move(options))) {}

Pipeline::~Pipeline() = default;

const PipelineOptions& Pipeline::options() const noexcept {
    return state_->options;
}

std::span<const plugin::Description> Pipeline::stages() const noexcept {
    return state_->stages.descriptions();
}

std::span<const plugin::Metric> Pipeline::metrics() const noexcept {
    return state_->stages.metrics();
}

std::size_t Pipeline::metric_index(std::string_view name, const input::SourceLocation& location) const {
    return state_->metric_index(name, location);
}

std::size_t Pipeline::slots() const noexcept {
    return state_->workers.slots();
}

Batch Pipeline::evaluate(std::size_t count, const Source& source, const EvaluateOptions& options) {
    return Waves(*state_, count, source, options).run();
}

void Pipeline::run_on_workers(std::size_t count, const std::function<void(std::size_t)>& body) {
    state_->workers.run(count, [&](std::size_t item, std::size_t /*slot*/) {
        body(item);
        return true;
    });
}

void Pipeline::preload(const Evaluation& evaluation) {
    check_recalled(evaluation, evaluation.hash, metrics().size());
    if (evaluation.status != Evaluation::Status::failed || state_->options.on_error != ErrorPolicy::stop) {
        state_->cache.insert(evaluation);
    }
}

void Pipeline::set_recall(std::function<bool(const arch::CanonicalHash&, Evaluation&)> recall) {
    state_->recall_function = std::move(recall);
}

std::uint64_t Pipeline::scored_by(std::size_t stage) const {
    return state_->stages.scored(stage);
}

Counters Pipeline::counters() const noexcept {
    return state_->counters;
}

}  // namespace sotto::evaluate
