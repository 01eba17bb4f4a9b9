// SPDX-License-Identifier: Apache-2.0
#include "search/loop/search_loop.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "search/loop/network_insight.hpp"

namespace sotto::search {
namespace {

using Clock = std::chrono::steady_clock;
using evaluate::Evaluation;

evaluate::PipelineOptions pipeline_options(const RunConfiguration& configuration, std::size_t threads) {
    evaluate::PipelineOptions options;
    options.stages.push_back(configuration.cost_model);
    options.stages.insert(options.stages.end(), configuration.accuracy.begin(), configuration.accuracy.end());
    options.limits = configuration.constraints;
    options.lowering_profile = configuration.lowering;
    options.on_error = configuration.on_error;
    options.threads = threads;
    options.seed = configuration.search.seed;
    return options;
}

StrategyOptions strategy_options(const RunConfiguration& configuration) {
    StrategyOptions options;
    options.objectives = configuration.objectives.size();
    options.population = configuration.search.population;
    options.crossover_probability = configuration.search.crossover_probability;
    options.mutation_probability = configuration.search.mutation_probability;
    options.seed = configuration.search.seed;
    if (configuration.space.baseline()) {
        options.initial.push_back(*configuration.space.baseline());
    }
    options.initial.insert(options.initial.end(), configuration.initial.begin(), configuration.initial.end());
    return options;
}

// By what a generation that was just asked for was made.
std::vector<run::StoredOperator> operators_of(const Strategy& strategy) {
    std::vector<run::StoredOperator> operators;
    for (const OperatorCredit& credit : strategy.credit()) {
        operators.push_back({std::string(credit.name), credit.probability, credit.children, credit.successes});
    }
    return operators;
}

// Told for a fault under `on_error: penalise`: behind every candidate that merely breaks constraints.
constexpr double penalty = 1e30;

// Lets one event through in so many milliseconds, whichever thread asks.
class Throttle {
  public:
    explicit Throttle(std::int64_t milliseconds) : milliseconds_(milliseconds) {}

    bool ready() noexcept {
        const std::int64_t now =
            std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch()).count();
        std::int64_t next = next_.load(std::memory_order_relaxed);
        return now >= next && next_.compare_exchange_strong(next, now + milliseconds_, std::memory_order_relaxed);
    }

  private:
    std::int64_t milliseconds_;
    std::atomic<std::int64_t> next_{0};
};

}  // namespace

struct SearchLoop::Progress {
    explicit Progress(std::size_t objectives) : front(objectives) {}

    Front front;
    std::uint64_t evaluated = 0;
    Tally tally;
    Tally tally_before;  // this generation
    std::uint32_t generations = 0;
    Clock::time_point begin = Clock::now();
    Clock::time_point generation_begin = begin;
    double seconds_before = 0;  // of earlier sessions
    std::map<std::uint32_t, run::StoredGeneration> stored;
    Throttle throttle{50};

    double seconds() const { return seconds_before + std::chrono::duration<double>(Clock::now() - begin).count(); }
};

SearchLoop::SearchLoop(const RunConfiguration& configuration, plugin::Registry& registry, std::size_t threads)
    : configuration_(configuration),
      registry_(registry),
      pipeline_(registry, pipeline_options(configuration, threads)),
      source_(configuration.space, pipeline_.slots()),
      progress_(std::make_unique<Progress>(configuration.objectives.size())) {
    for (const Objective& objective : configuration.objectives) {
        columns_.push_back(pipeline_.metric_index(objective.metric));
    }
}

SearchLoop::~SearchLoop() = default;

std::span<const plugin::Metric> SearchLoop::metrics() const noexcept {
    return pipeline_.metrics();
}

std::size_t SearchLoop::threads() const noexcept {
    return pipeline_.slots();
}

void SearchLoop::attach(run::Store& store) {
    std::vector<run::StoredMetric> expected;
    for (const plugin::Metric& metric : pipeline_.metrics()) {
        expected.push_back({metric.name, metric.unit});
    }
    store.require_metrics(expected);
    store.for_each_evaluation([this](const Evaluation& evaluation) { pipeline_.preload(evaluation); });
    pipeline_.set_recall(
        [&store](const arch::CanonicalHash& hash, Evaluation& evaluation) { return store.find(hash, evaluation); });
    for (const run::StoredGeneration& generation : store.generations()) {
        progress_->stored[generation.generation] = generation;
        progress_->seconds_before = std::max(progress_->seconds_before, generation.seconds);
    }
    store_ = &store;
}

Evaluation SearchLoop::evaluate_alone(evaluate::Pipeline& pipeline, const Genome& genome,
                                      const std::atomic<bool>& stop) {
    const auto source = source_.of([&](std::size_t /*index*/) -> const Genome& { return genome; });
    try {
        return pipeline.evaluate(1, source, {&stop, {}}).evaluations.front();
    } catch (const evaluate::EvaluationStopped& error) {
        throw CandidateStopped("the baseline: " + error.finished().evaluations.front().reason);
    }
}

bool SearchLoop::evaluate_baseline(const std::atomic<bool>& stop) {
    if (configuration_.hypervolume_reference) {
        reference_ = *configuration_.hypervolume_reference;
    }
    if (!configuration_.space.baseline()) {
        return true;
    }
    const Genome& genome = *configuration_.space.baseline();
    Evaluation evaluation;
    if (configuration_.constraints.empty()) {
        evaluation = evaluate_alone(pipeline_, genome, stop);
    } else {
        // What the front is compared with needs every metric, whether or not the search would accept it.
        evaluate::PipelineOptions options = pipeline_options(configuration_, 1);
        options.limits.clear();
        evaluate::Pipeline unlimited(registry_, std::move(options));
        evaluation = evaluate_alone(unlimited, genome, stop);
    }
    if (evaluation.status == Evaluation::Status::cancelled) {
        return false;
    }
    if (evaluation.status == Evaluation::Status::complete) {
        baseline_ = Member{1, genome, std::move(evaluation.metrics)};
    } else if (reference_.empty()) {
        throw BaselineError("the baseline has no score (" + std::string(evaluate::to_text(evaluation.status)) +
                            "): " + evaluation.reason + "; a run without one needs 'hypervolume_reference'");
    }
    if (reference_.empty()) {
        std::vector<double> values;
        for (const std::size_t column : columns_) {
            values.push_back(baseline_->metrics[column]);
        }
        reference_ = reference_point(configuration_.objectives, values);
    }
    return true;
}

evaluate::Batch SearchLoop::evaluate_generation(const Strategy& strategy, std::span<const Genome> genomes,
                                                run::EventStream& events, const std::atomic<bool>& stop) {
    const std::uint32_t generation = strategy.generation();
    const auto source = source_.of([&](std::size_t index) -> const Genome& { return genomes[index]; });
    std::atomic<std::uint64_t> done{0};
    evaluate::EvaluateOptions options;
    options.cancel = &stop;
    options.on_finished = [&](std::size_t index, const Evaluation& evaluation, evaluate::Origin origin) {
        run::StoredCandidate candidate;
        candidate.id = progress_->evaluated + index + 1;
        candidate.generation = generation;
        candidate.index = static_cast<std::uint32_t>(index);
        candidate.genome = configuration_.space.to_text(genomes[index]);
        if (evaluation.status != Evaluation::Status::rejected) {
            candidate.hash = evaluation.hash;
        }
        candidate.source = candidate.id == 1 && configuration_.space.baseline() ? "baseline" : strategy.origin(index);
        if (store_ != nullptr) {
            store_->append(candidate, &evaluation);
        }
        if (evaluation.status == Evaluation::Status::failed && origin == evaluate::Origin::computed) {
            events.emit(run::CandidateFailed{candidate.id, evaluation.reason});
        }
        const std::uint64_t so_far = progress_->evaluated + done.fetch_add(1) + 1;
        if (progress_->throttle.ready()) {
            events.emit(run::Progress{so_far, configuration_.search.evaluations});
        }
    };
    return pipeline_.evaluate(genomes.size(), source, options);
}

void SearchLoop::offer(std::span<const Genome> genomes, const evaluate::Batch& batch) {
    std::vector<double> point(columns_.size());
    for (std::size_t index = 0; index < genomes.size(); ++index) {
        const Evaluation& evaluation = batch.evaluations[index];
        if (evaluation.status != Evaluation::Status::complete) {
            continue;
        }
        for (std::size_t k = 0; k < columns_.size(); ++k) {
            point[k] = configuration_.objectives[k].minimized(evaluation.metrics[columns_[k]]);
        }
        progress_->front.offer(progress_->evaluated + index + 1, point, genomes[index], evaluation.metrics);
    }
}

void SearchLoop::count(const evaluate::Batch& batch) {
    Tally& tally = progress_->tally;
    for (const Evaluation& evaluation : batch.evaluations) {
        const auto is = [&](Evaluation::Status status) -> std::uint64_t { return evaluation.status == status ? 1 : 0; };
        tally.candidates += 1 - is(Evaluation::Status::cancelled);
        tally.rejected += is(Evaluation::Status::rejected);
        tally.constrained += is(Evaluation::Status::constrained);
        if (is(Evaluation::Status::unsupported) == 1 && tally.unsupported == 0) {
            tally.first_unsupported = evaluation.reason;
        }
        tally.unsupported += is(Evaluation::Status::unsupported);
        tally.failed += is(Evaluation::Status::failed);
    }
    tally.cache_hits = tally.candidates - tally.rejected - pipeline_.counters().distinct;
}

std::vector<Outcome> SearchLoop::outcomes(const evaluate::Batch& batch) const {
    std::vector<Outcome> result(batch.evaluations.size());
    for (std::size_t index = 0; index < result.size(); ++index) {
        const Evaluation& evaluation = batch.evaluations[index];
        Outcome& outcome = result[index];
        outcome.evaluated = evaluation.status == Evaluation::Status::complete ||
                            evaluation.status == Evaluation::Status::constrained || evaluation.worst_case;
        outcome.constraint_violation = evaluation.worst_case ? penalty : evaluation.constraint_violation;
        for (std::size_t k = 0; k < columns_.size(); ++k) {
            const double value = columns_[k] < evaluation.metrics.size() ? evaluation.metrics[columns_[k]] : NAN;
            // A stage that a constraint kept from running: as bad as the reference point.
            outcome.objectives[k] =
                configuration_.objectives[k].minimized(std::isfinite(value) ? value : reference_[k]);
        }
    }
    return result;
}

double SearchLoop::hypervolume() {
    std::vector<double> baseline;
    for (const std::size_t column : columns_) {
        baseline.push_back(baseline_ ? baseline_->metrics[column] : 1);
    }
    const std::vector<double> scale = hypervolume_scale(baseline);
    return progress_->front.hypervolume() / std::accumulate(scale.begin(), scale.end(), 1.0, std::multiplies<>());
}

void SearchLoop::finish_generation(std::uint32_t generation, std::uint64_t candidates,
                                   std::vector<run::StoredOperator> operators, run::EventStream& events) {
    Progress& progress = *progress_;
    const Clock::time_point now = Clock::now();
    run::GenerationFinished event;
    event.budget = configuration_.search.evaluations;
    run::StoredGeneration& row = event.row;
    row.generation = generation;
    row.evaluations = progress.evaluated;
    row.distinct = pipeline_.counters().distinct;
    row.front_size = progress.front.size();
    row.hypervolume = hypervolume();
    row.seconds = progress.seconds();
    row.candidates = candidates;
    row.cache_hits = progress.tally.cache_hits - progress.tally_before.cache_hits;
    row.rejected = progress.tally.rejected - progress.tally_before.rejected;
    row.constrained = progress.tally.constrained - progress.tally_before.constrained;
    row.unsupported = progress.tally.unsupported - progress.tally_before.unsupported;
    row.failed = progress.tally.failed - progress.tally_before.failed;
    row.candidates_per_second = static_cast<double>(candidates) /
                                std::max(1e-9, std::chrono::duration<double>(now - progress.generation_begin).count());
    progress.generation_begin = now;
    progress.tally_before = progress.tally;
    event.operators = std::move(operators);
    const auto stored = progress.stored.find(generation);
    // A generation that is replayed keeps the rows it was given first.
    if (store_ != nullptr && (stored == progress.stored.end() || stored->second.evaluations != row.evaluations)) {
        store_->finish_generation(row, event.operators);
    }
    events.emit(event);
}

void SearchLoop::warn_of_objectives(run::EventStream& events) const {
    for (std::size_t k = 0; k < columns_.size(); ++k) {
        const plugin::Metric& metric = metrics()[columns_[k]];
        if (metric.direction == plugin::Direction::neutral) {
            events.emit(run::Warning{"objective '" + metric.name + "': its plug-in declares no better way (\"" +
                                     metric.description + "\"); the configuration says " +
                                     std::string(to_text(configuration_.objectives[k].goal))});
        }
    }
}

LoopResult SearchLoop::search(run::EventStream& events, const std::atomic<bool>& stop) {
    warn_of_objectives(events);
    StrategyOptions options = strategy_options(configuration_);
    options.parallel_for = [this](std::size_t count, const std::function<void(std::size_t)>& body) {
        pipeline_.run_on_workers(count, body);
    };
    std::unique_ptr<Insight> insight;
    if (strategy_uses_insight(configuration_.search.strategy)) {
        insight = make_network_insight(configuration_, registry_, [&events](const std::string& text) {
            events.emit(run::Warning{text + "; the search goes on without what operations cost"});
        });
        options.insight = insight.get();
    }
    const std::unique_ptr<Strategy> strategy =
        make_strategy(configuration_.search.strategy, configuration_.space, std::move(options));
    Progress& progress = *progress_;
    std::vector<double> bound;
    for (std::size_t k = 0; k < reference_.size(); ++k) {
        bound.push_back(configuration_.objectives[k].minimized(reference_[k]));
    }
    progress.front = Front(columns_.size(), std::move(bound));
    Ending ending = Ending::budget_used;
    progress.generation_begin = Clock::now();
    while (progress.evaluated < configuration_.search.evaluations) {
        if (stop.load()) {
            ending = Ending::stopped;
            break;
        }
        const std::uint64_t left = configuration_.search.evaluations - progress.evaluated;
        const std::uint32_t generation = strategy->generation();
        const std::span<const Genome> asked = strategy->ask(configuration_.search.population);
        if (asked.empty()) {
            ending = Ending::space_exhausted;
            break;
        }
        std::vector<run::StoredOperator> operators = operators_of(*strategy);
        const std::span<const Genome> genomes =
            asked.first(static_cast<std::size_t>(std::min<std::uint64_t>(asked.size(), left)));
        evaluate::Batch batch;
        try {
            batch = evaluate_generation(*strategy, genomes, events, stop);
        } catch (const evaluate::EvaluationStopped& error) {
            offer(genomes, error.finished());
            const std::uint64_t id = progress.evaluated + error.index() + 1;
            const std::string& reason = error.finished().evaluations[error.index()].reason;
            events.emit(run::CandidateFailed{id, reason});
            throw CandidateStopped("candidate " + std::to_string(id) + ": " + reason +
                                   "\nits genome: " + configuration_.space.to_text(genomes[error.index()]));
        }
        offer(genomes, batch);
        count(batch);
        progress.evaluated = progress.tally.candidates;
        progress.generations = generation + 1;
        const bool is_cut_short = std::any_of(
            batch.evaluations.begin(), batch.evaluations.end(),
            [](const Evaluation& evaluation) { return evaluation.status == Evaluation::Status::cancelled; });
        if (is_cut_short) {
            ending = Ending::stopped;
            break;
        }
        if (genomes.size() == asked.size()) {
            strategy->tell(outcomes(batch));
        }
        finish_generation(generation, genomes.size(), std::move(operators), events);
    }
    if (store_ != nullptr) {
        store_->flush();
    }
    LoopResult result = result_so_far();
    result.ending = ending;
    return result;
}

LoopResult SearchLoop::result_so_far() {
    LoopResult result;
    result.ending = Ending::stopped;
    result.evaluations = progress_->evaluated;
    result.distinct = pipeline_.counters().distinct;
    result.tally = progress_->tally;
    result.computed = pipeline_.counters().computed;
    for (std::size_t stage = 0; stage < pipeline_.stages().size(); ++stage) {
        result.stages.push_back({pipeline_.stages()[stage].id, pipeline_.scored_by(stage)});
    }
    result.generations = progress_->generations;
    result.seconds = progress_->seconds();
    result.front = progress_->front.members();
    result.hypervolume = hypervolume();
    return result;
}

}  // namespace sotto::search
