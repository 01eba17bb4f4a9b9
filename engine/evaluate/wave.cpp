// SPDX-License-Identifier: Apache-2.0
#include "engine/evaluate/wave.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "engine/arch/counts.hpp"

namespace sotto::evaluate {
namespace {

using Status = Evaluation::Status;

// Candidates whose networks are held at once: bounds memory whatever the size of a call.
constexpr std::size_t wave_size = 1024;

// A wave with few candidates is still cut into this many batches, so that every worker gets some. Not a function of the
// number of workers: batches are the same for any.
constexpr std::size_t least_batches = 16;

}  // namespace

// Settles a wave also where a callback throws: what is done stays known.
struct Waves::Settlement {
    Waves& waves;
    ~Settlement() { waves.settle(); }
};

Waves::Waves(PipelineState& state, std::size_t count, const Source& source, const EvaluateOptions& options)
    : state_(state),
      source_(source),
      options_(options),
      batch_{std::vector<Evaluation>(count), std::vector<Origin>(count, Origin::none)} {}

Batch Waves::run() {
    const std::size_t count = batch_.evaluations.size();
    if (state_.items.size() < std::min(count, wave_size)) {
        state_.items.resize(std::min(count, wave_size));
    }
    for (begin_ = 0; begin_ < count && !is_cancelled(); begin_ = end_) {
        end_ = std::min(count, begin_ + wave_size);
        run_wave();
        if (has_failed()) {
            const std::string reason = evaluation(failure_).reason;
            throw EvaluationStopped(failure_, reason, std::make_shared<const Batch>(std::move(batch_)));
        }
    }
    return std::move(batch_);
}

void Waves::run_wave() {
    for (std::size_t index = begin_; index < end_; ++index) {
        item(index).alive = false;
        item(index).done = false;
    }
    const Settlement settlement{*this};
    state_.workers.run(end_ - begin_, [&](std::size_t at, std::size_t slot) {
        fetch(begin_ + at, slot);
        return !is_cancelled();
    });
    if (is_cancelled()) {
        return;
    }
    std::vector<std::size_t> compute = unknown_candidates();
    const std::span<const std::size_t> all = compute;
    const std::size_t size =
        std::clamp<std::size_t>((all.size() + least_batches - 1) / least_batches, 1, state_.options.batch_size);
    state_.workers.run((all.size() + size - 1) / size, [&](std::size_t batch, std::size_t slot) {
        run_cheap_stages(all.subspan(batch * size, std::min(size, all.size() - batch * size)), slot);
        return !is_cancelled() && !has_failed();
    });
    if (is_cancelled() || has_failed()) {
        return;
    }
    std::erase_if(compute, [&](std::size_t index) { return !item(index).alive; });
    state_.workers.run(compute.size(), [&](std::size_t which, std::size_t slot) {
        run_costly_stages(compute[which], slot);
        return !is_cancelled() && !has_failed();
    });
    answer_duplicates();
}

void Waves::fetch(std::size_t index, std::size_t slot) {
    Evaluation& answer = evaluation(index);
    if (const arch::Network* network = source_(index, slot, answer.reason)) {
        answer.reason.clear();
        item(index).network = *network;
        answer.hash = arch::canonical_form(*network, item(index).order);
    } else {
        answer.status = Status::rejected;
    }
}

std::vector<std::size_t> Waves::unknown_candidates() {
    std::vector<std::size_t> unknown;
    duplicates_.clear();
    for (std::size_t index = begin_; index < end_; ++index) {
        Evaluation& answer = evaluation(index);
        if (answer.status == Status::rejected) {
            finish(index, Origin::none);
        } else if (!first_index_.try_emplace(answer.hash, index).second) {
            duplicates_.push_back(index);
        } else if (state_.recall(answer.hash, answer)) {
            finish(index, Origin::recalled);
        } else {
            item(index).alive = true;
            unknown.push_back(index);
        }
    }
    return unknown;
}

void Waves::answer_duplicates() {
    for (const std::size_t index : duplicates_) {
        const std::size_t first = first_index_.at(evaluation(index).hash);
        if (first < begin_ || item(first).done) {
            evaluation(index) = evaluation(first);
            finish(index, Origin::duplicate);
        }
    }
}

void Waves::run_cheap_stages(std::span<const std::size_t> indices, std::size_t slot) {
    if (is_cancelled()) {
        return;
    }
    PipelineState::Scratch& worker = state_.scratch[slot];
    for (std::size_t k = 0; k < indices.size(); ++k) {
        if (keeps_count_limits(indices[k])) {
            lower(indices[k], worker, *worker.views[k]);
        }
    }
    for (std::size_t stage = 0; stage < state_.first_costly; ++stage) {
        if (is_cancelled()) {
            return;
        }
        worker.indices.clear();
        worker.candidates.clear();
        for (std::size_t k = 0; k < indices.size(); ++k) {
            if (item(indices[k]).alive) {
                worker.indices.push_back(indices[k]);
                worker.candidates.push_back(worker.views[k].get());
            }
        }
        if (worker.indices.empty()) {
            break;
        }
        const std::span<plugin::Score> scores = std::span(worker.scores).first(worker.indices.size());
        state_.stages.score(stage, slot, worker.candidates, scores);
        for (std::size_t k = 0; k < scores.size(); ++k) {
            apply(worker.indices[k], stage, scores[k]);
        }
    }
    for (const std::size_t index : indices) {
        if (item(index).alive && state_.first_costly == state_.stages.size()) {
            item(index).alive = false;
            evaluation(index).status = Status::complete;
        }
        finish_if_decided(index);
    }
}

void Waves::run_costly_stages(std::size_t index, std::size_t slot) {
    PipelineState::Scratch& worker = state_.scratch[slot];
    plugin::CandidateView& view = *worker.views.front();
    if (is_cancelled() || !lower(index, worker, view)) {
        return;
    }
    const plugin::CandidateView* const candidate = &view;
    for (std::size_t stage = state_.first_costly; stage < state_.stages.size() && item(index).alive; ++stage) {
        if (is_cancelled()) {
            return;
        }
        state_.stages.score(stage, slot, {&candidate, 1}, std::span(worker.scores).first(1));
        apply(index, stage, worker.scores.front());
    }
    if (item(index).alive) {
        item(index).alive = false;
        evaluation(index).status = Status::complete;
    }
    finish_if_decided(index);
}

bool Waves::keeps_count_limits(std::size_t index) {
    Evaluation& answer = evaluation(index);
    const arch::Counts counts = arch::count(item(index).network);
    answer.metrics.assign(state_.stages.metrics().size(), std::numeric_limits<double>::quiet_NaN());
    answer.metrics[0] = static_cast<double>(counts.parameters);
    answer.metrics[1] = static_cast<double>(counts.multiply_adds);
    answer.metrics[2] = static_cast<double>(counts.relu_elements);
    answer.metrics[3] = static_cast<double>(counts.comparisons);
    item(index).alive = !breaks_limits(state_.limits, state_.stages.metrics(), 0, Stages::count_metrics, answer);
    return item(index).alive;
}

bool Waves::lower(std::size_t index, PipelineState::Scratch& worker, plugin::CandidateView& view) {
    PipelineState::Item& candidate = item(index);
    if (state_.lowers) {
        if (const auto unsupported = worker.lowering.lower(candidate.network, candidate.order, worker.program)) {
            candidate.alive = false;
            evaluation(index).status = Status::unsupported;
            evaluation(index).reason = "lowering profile '" + state_.options.lowering_profile + "': layer '" +
                                       unsupported->layer + "': " + unsupported->reason;
            return false;
        }
    }
    view.set(candidate_seed(state_.options.seed, evaluation(index).hash), &candidate.network,
             state_.lowers ? &worker.program : nullptr);
    return true;
}

void Waves::apply(std::size_t index, std::size_t stage, plugin::Score& score) {
    Evaluation& answer = evaluation(index);
    switch (score.status) {
        case plugin::Score::Status::ok: {
            const std::size_t first = state_.stages.first_metric(stage);
            // -0 becomes 0: a database keeps no sign of zero, and a resumed run must see the same numbers.
            std::transform(score.metrics.begin(), score.metrics.end(),
                           answer.metrics.begin() + static_cast<std::ptrdiff_t>(first),
                           [](double value) { return value + 0.0; });
            item(index).alive =
                !breaks_limits(state_.limits, state_.stages.metrics(), first, first + score.metrics.size(), answer);
            break;
        }
        case plugin::Score::Status::unsupported:
            item(index).alive = false;
            answer.status = Status::unsupported;
            answer.reason = std::move(score.reason);
            break;
        case plugin::Score::Status::failed:
            fail(index, std::move(score.reason));
            break;
        case plugin::Score::Status::cancelled:
            if (is_cancelled()) {
                item(index).alive = false;
            } else {
                const plugin::Description& description = state_.stages.descriptions()[stage];
                fail(index, plugin::to_text(description.kind) + " '" + description.id +
                                "' says that it was cancelled, but the run goes on");
            }
            break;
    }
}

void Waves::fail(std::size_t index, std::string reason) {
    item(index).alive = false;
    evaluation(index).status = Status::failed;
    evaluation(index).reason = std::move(reason);
    evaluation(index).worst_case = state_.options.on_error == ErrorPolicy::penalise;
    if (state_.options.on_error == ErrorPolicy::stop) {
        std::size_t lowest = failure_;
        while (index < lowest && !failure_.compare_exchange_weak(lowest, index)) {
        }
    }
}

void Waves::finish_if_decided(std::size_t index) {
    const Status status = evaluation(index).status;
    const bool stops = status == Status::failed && state_.options.on_error == ErrorPolicy::stop;
    if (!item(index).alive && status != Status::cancelled && !stops) {
        finish(index, Origin::computed);
    }
}

void Waves::finish(std::size_t index, Origin origin) {
    item(index).done = true;
    batch_.origins[index] = origin;
    if (options_.on_finished) {
        options_.on_finished(index, evaluation(index), origin);
    }
}

void Waves::settle() {
    for (std::size_t index = begin_; index < end_; ++index) {
        Evaluation& answer = evaluation(index);
        if (!item(index).done) {
            if (index != failure_) {
                answer = Evaluation{};
            }
            continue;
        }
        Counters& counters = state_.counters;
        ++counters.asked;
        switch (batch_.origins[index]) {
            case Origin::computed:
                ++counters.computed;
                state_.cache.insert(answer);
                break;
            case Origin::recalled:
                ++counters.recalled;
                break;
            case Origin::duplicate:
                ++counters.duplicates;
                break;
            case Origin::none:
                ++counters.rejected;
                break;
        }
        if (answer.status != Status::rejected && state_.seen.insert(answer.hash)) {
            ++counters.distinct;
        }
    }
}

}  // namespace sotto::evaluate
