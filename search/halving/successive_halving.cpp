// SPDX-License-Identifier: Apache-2.0
#include "search/halving/successive_halving.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>

#include "engine/run/file_io.hpp"
#include "engine/run/front_files.hpp"
#include "search/halving/halving_order.hpp"
#include "search/loop/search_loop.hpp"
#include "search/loop/space_source.hpp"

namespace sotto::search {
namespace {

using Clock = std::chrono::steady_clock;
using evaluate::Evaluation;

std::size_t index_of(std::span<const plugin::Metric> metrics, const std::string& name) {
    const auto found =
        std::find_if(metrics.begin(), metrics.end(), [&](const plugin::Metric& metric) { return metric.name == name; });
    assert(found != metrics.end() && "names were checked when the configuration was read");
    return static_cast<std::size_t>(found - metrics.begin());
}

bool keeps(const FinalistLimit& limit, double value, double of_baseline) {
    const auto bound = [&](const Bound& side) { return side.of_baseline ? side.value * of_baseline : side.value; };
    return (!limit.least || value >= bound(*limit.least)) && (!limit.most || value <= bound(*limit.most));
}

// Of the store's information.
constexpr const char* seconds_key = "stage_seconds";

bool has_score(const Finalist& finalist, std::size_t stage) {
    return finalist.scores.size() > stage && finalist.scores[stage].status == Evaluation::Status::complete;
}

}  // namespace

double stored_stage_seconds(const run::Store& store) {
    const auto information = store.information();
    const auto stored = information.find(seconds_key);
    if (stored == information.end()) {
        return 0;
    }
    const std::string& text = stored->second;
    double seconds = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (problem != std::errc() || end != text.data() + text.size() || !(seconds >= 0 && std::isfinite(seconds))) {
        throw run::RunError(store.path(), std::string("information '") + seconds_key + "': found '" + text +
                                              "', expected a number of seconds");
    }
    return seconds;
}

SuccessiveHalving::SuccessiveHalving(const RunConfiguration& configuration, plugin::Registry& registry,
                                     std::span<const plugin::Metric> metrics, std::size_t threads,
                                     std::filesystem::path state_root)
    : configuration_(configuration),
      registry_(registry),
      metrics_(metrics),
      threads_(threads),
      state_root_(std::move(state_root)),
      roles_(objective_roles(configuration, registry)) {}

void SuccessiveHalving::try_plugins(const RunConfiguration& configuration, plugin::Registry& registry) {
    for (const HalvingStage& stage : configuration.stages) {
        evaluate::PipelineOptions options;
        options.stages = {stage.plugin};
        options.threads = 1;
        const evaluate::Pipeline pipeline(registry, std::move(options));
    }
}

void SuccessiveHalving::require_baseline(const RunConfiguration& configuration, const std::optional<Member>& baseline) {
    if (baseline || configuration.stages.empty()) {
        return;
    }
    for (const FinalistLimit& limit : configuration.stages.front().limits) {
        if (limit.is_relative()) {
            throw BaselineError("the baseline has no score, and the stages' limit on " + limit.metric +
                                " is relative to it; with another limit the run goes on: nas-run CONFIG --resume DIR");
        }
    }
}

void SuccessiveHalving::run(std::span<const Member> front, const std::optional<Member>& baseline, run::Store& store,
                            run::EventStream& events, const std::atomic<bool>& stop) {
    begin_ = Clock::now();
    seconds_before_ = stored_stage_seconds(store);
    choose_finalists(front, baseline, events);
    const auto keep_time = [&] {
        result_.seconds = seconds();
        const auto is_some = [](std::uint64_t count) { return count > 0; };
        // A resumed run that was complete already changes nothing.
        if (!result_.complete || std::any_of(result_.computed.begin(), result_.computed.end(), is_some)) {
            store.set_information(seconds_key, run::number_text(result_.seconds));
        }
    };
    try {
        result_.complete = run_stages(store, events, stop);
    } catch (const CandidateStopped&) {
        keep_time();
        throw;
    }
    keep_time();
}

bool SuccessiveHalving::run_stages(run::Store& store, run::EventStream& events, const std::atomic<bool>& stop) {
    for (std::size_t stage = 0; stage < configuration_.stages.size(); ++stage) {
        if (stop.load() || !run_stage(stage, store, events, stop)) {
            return false;
        }
    }
    return true;
}

double SuccessiveHalving::seconds() const {
    return seconds_before_ + std::chrono::duration<double>(Clock::now() - begin_).count();
}

std::vector<const Member*> SuccessiveHalving::within_limits(std::span<const Member> front,
                                                            const std::optional<Member>& baseline) const {
    std::vector<const Member*> members;
    for (const Member& member : front) {
        const auto is_kept = [&](const FinalistLimit& limit) {
            const std::size_t metric = index_of(metrics_, limit.metric);
            return keeps(limit, member.metrics[metric], baseline ? baseline->metrics[metric] : 0);
        };
        const std::vector<FinalistLimit>& limits = configuration_.stages.front().limits;
        const bool is_baseline = baseline && member.id == baseline->id;
        if (!is_baseline && std::all_of(limits.begin(), limits.end(), is_kept)) {
            members.push_back(&member);
        }
    }
    return members;
}

void SuccessiveHalving::choose_finalists(std::span<const Member> front, const std::optional<Member>& baseline,
                                         run::EventStream& events) {
    const std::vector<const Member*> members = within_limits(front, baseline);
    for (const std::size_t index :
         spread_members(configuration_, roles_, metrics_, members, configuration_.stages.front().candidates)) {
        result_.finalists.push_back(finalist_of(*members[index]));
    }
    reached_ = result_.finalists.size();
    if (baseline) {
        result_.baseline = finalist_of(*baseline);
    }
    if (result_.finalists.empty()) {
        events.emit(run::Warning{"no network of the front keeps the limits of the stages"});
    }
}

Finalist SuccessiveHalving::finalist_of(const Member& member) const {
    Space::Decoder decoder(configuration_.space);
    Rejection rejection;
    const arch::Network* network = decoder.decode(member.genome, rejection);
    assert(network != nullptr && "a member was evaluated, so it decodes");
    return {member, arch::canonical_hash(*network), {}};
}

bool SuccessiveHalving::run_stage(std::size_t stage, run::Store& store, run::EventStream& events,
                                  const std::atomic<bool>& stop) {
    const Clock::time_point begin = Clock::now();
    if (stage > 0) {
        const auto scored = std::count_if(result_.finalists.begin(), result_.finalists.end(),
                                          [&](const Finalist& finalist) { return has_score(finalist, stage - 1); });
        reached_ = std::min(configuration_.stages[stage].candidates, static_cast<std::size_t>(scored));
    }
    std::vector<Finalist*> networks;
    for (std::size_t i = 0; i < reached_; ++i) {
        networks.push_back(&result_.finalists[i]);
    }
    if (result_.baseline) {
        networks.push_back(&*result_.baseline);
    }
    // The costliest first, so that no worker is left with one of them at the end.
    const std::size_t macs = index_of(metrics_, "macs");
    std::stable_sort(networks.begin(), networks.end(), [&](const Finalist* first, const Finalist* second) {
        return first->member.metrics[macs] > second->member.metrics[macs];
    });
    const HalvingStage& settings = configuration_.stages[stage];
    events.emit(run::StageStarted{static_cast<std::uint32_t>(stage + 1),
                                  static_cast<std::uint32_t>(configuration_.stages.size()), settings.plugin.id,
                                  networks.size()});
    const auto take_over = [&](const evaluate::Batch& batch) {
        bool whole = true;
        for (std::size_t i = 0; i < networks.size(); ++i) {
            if (batch.evaluations[i].status == Evaluation::Status::cancelled) {
                whole = false;
                continue;
            }
            result_.computed.back() += batch.origins[i] == evaluate::Origin::computed ? 1 : 0;
            Evaluation& evaluation = networks[i]->scores.emplace_back(batch.evaluations[i]);
            // Without the network's counts, which its member holds.
            const std::size_t own = evaluation.status == Evaluation::Status::complete ? settings.metrics.size() : 0;
            evaluation.metrics.erase(evaluation.metrics.begin(),
                                     evaluation.metrics.end() - static_cast<std::ptrdiff_t>(own));
        }
        rank(stage);
        return whole;
    };
    result_.computed.push_back(0);
    bool whole = false;
    try {
        whole = take_over(score(stage, networks, store, events, stop));
    } catch (const evaluate::EvaluationStopped& error) {
        take_over(error.finished());
        throw CandidateStopped("stage " + std::to_string(stage + 1) + ", candidate " +
                               std::to_string(networks[error.index()]->member.id) + ": " +
                               error.finished().evaluations[error.index()].reason);
    }
    if (whole) {
        run::StageFinished finished{static_cast<std::uint32_t>(stage + 1), {}, 0};
        for (std::size_t i = 0; i < reached_ && has_score(result_.finalists[i], stage); ++i) {
            finished.ranking.push_back(result_.finalists[i].member.id);
        }
        finished.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        events.emit(finished);
    }
    return whole;
}

evaluate::Batch SuccessiveHalving::score(std::size_t stage, const std::vector<Finalist*>& networks, run::Store& store,
                                         run::EventStream& events, const std::atomic<bool>& stop) {
    const HalvingStage& settings = configuration_.stages[stage];
    const std::string identity = identity_text(settings);
    evaluate::PipelineOptions options;
    options.stages = {settings.plugin};
    if (settings.keeps_state) {
        const std::filesystem::path directory = state_root_ / settings.plugin.id;
        std::error_code error;
        std::filesystem::create_directories(directory, error);
        if (error) {
            throw run::RunError(directory, run::with_reason("the directory cannot be made", error.value()));
        }
        options.stages.front().parameters[std::string(state_directory_parameter)] = directory.string();
    }
    options.lowering_profile = configuration_.lowering;
    options.on_error = configuration_.on_error;
    options.threads = threads_;
    options.seed = configuration_.search.seed;
    evaluate::Pipeline pipeline(registry_, std::move(options));

    // Evaluations of the pipeline begin with the network's counts, which the store has with the candidate.
    const std::size_t counts = pipeline.metrics().size() - settings.metrics.size();
    pipeline.set_recall([&](const arch::CanonicalHash& hash, Evaluation& evaluation) {
        const std::optional<run::StoredStageScore> known = store.stage_score(identity, hash);
        if (known) {
            evaluation = {};
            evaluation.hash = hash;
            evaluation.status = known->status;
            evaluation.reason = known->reason;
            evaluation.metrics.assign(pipeline.metrics().size(), std::numeric_limits<double>::quiet_NaN());
            for (std::size_t k = 0; k < known->metrics.size() && k < settings.metrics.size(); ++k) {
                evaluation.metrics[counts + k] = known->metrics[k].second;
            }
        }
        return known.has_value();
    });

    SpaceSource source(configuration_.space, pipeline.slots());
    const auto genome_of = [&](std::size_t index) -> const Genome& { return networks[index]->member.genome; };
    std::atomic<std::uint64_t> scored{0};
    evaluate::EvaluateOptions evaluate_options;
    evaluate_options.cancel = &stop;
    evaluate_options.on_finished = [&](std::size_t index, const Evaluation& evaluation, evaluate::Origin origin) {
        run::FinalistScored event;
        event.stage = static_cast<std::uint32_t>(stage + 1);
        event.networks = networks.size();
        event.computed = origin == evaluate::Origin::computed;
        event.score = {identity, evaluation.hash, networks[index]->member.id, evaluation.status, evaluation.reason, {}};
        if (evaluation.status == Evaluation::Status::complete) {
            for (std::size_t k = 0; k < settings.metrics.size(); ++k) {
                event.score.metrics.emplace_back(settings.metrics[k].name, evaluation.metrics[counts + k]);
            }
        }
        if (event.computed) {
            store.append_stage_score(event.score);
            store.set_information(seconds_key, run::number_text(seconds()));
        }
        event.scored = ++scored;
        events.emit(event);
    };
    return pipeline.evaluate(networks.size(), source.of(genome_of), evaluate_options);
}

void SuccessiveHalving::rank(std::size_t stage) {
    std::vector<Finalist> before(
        std::make_move_iterator(result_.finalists.begin()),
        std::make_move_iterator(result_.finalists.begin() + static_cast<std::ptrdiff_t>(reached_)));
    // Those with a score, by it; then those without, as they stood.
    std::stable_partition(before.begin(), before.end(),
                          [&](const Finalist& finalist) { return has_score(finalist, stage); });
    const HalvingStage& settings = configuration_.stages[stage];
    const std::size_t by = index_of(settings.metrics, settings.by);
    const double sign = settings.goal == Goal::maximize ? -1 : 1;
    std::vector<double> scores;
    std::vector<double> costs;
    std::vector<std::uint64_t> ids;
    for (const Finalist& finalist : before) {
        if (!has_score(finalist, stage)) {
            break;
        }
        scores.push_back(sign * finalist.scores[stage].metrics[by]);
        ids.push_back(finalist.member.id);
        for (const std::size_t k : roles_.costs) {
            const Objective& objective = configuration_.objectives[k];
            costs.push_back(objective.minimized(finalist.member.metrics[index_of(metrics_, objective.metric)]));
        }
    }
    const std::vector<std::size_t> order = halving_order(scores, {costs, roles_.costs.size()}, ids);
    for (std::size_t i = 0; i < before.size(); ++i) {
        result_.finalists[i] = std::move(before[i < order.size() ? order[i] : i]);
    }
}

}  // namespace sotto::search
