// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/loaded_instance.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <utility>

#include "engine/plugin/abi_size.hpp"
#include "engine/plugin/border_call.hpp"
#include "engine/plugin/error_text.hpp"
#include "engine/plugin/metric_value.hpp"

namespace sotto::plugin {
namespace {

constexpr sotto_status unset_status = -1;

}  // namespace

LoadedInstance::LoadedInstance(sotto_instance* instance, Description description)
    : Instance(std::move(description)), instance_(instance) {
    if (!describe().deterministic || describe().typical_cost_us < costly_from_us) {
        return;
    }
    try {
        const auto* const incremental = find_extension<sotto_incremental>(
            SOTTO_INCREMENTAL_EXTENSION, &sotto_incremental::evaluate, &sotto_incremental::release);
        if (incremental != nullptr) {
            prefix_states_ = std::make_unique<PrefixStates>(instance_, *incremental, describe().needs_network,
                                                            describe().needs_program);
        }
    } catch (...) {
        static_cast<void>(fault_of_call(subject().c_str(), "destroy", [this] { instance_->destroy(instance_); }));
        throw;
    }
}

LoadedInstance::~LoadedInstance() {
    prefix_states_.reset();
    // Nothing can be done about an exception here; what must not happen is that it ends the run.
    static_cast<void>(fault_of_call(subject().c_str(), "destroy", [this] { instance_->destroy(instance_); }));
}

void LoadedInstance::take_result(const sotto_result& result, const std::string& text, Score& score) const {
    switch (result.status) {
        case SOTTO_OK:
            break;
        case SOTTO_UNSUPPORTED:
            score.status = Score::Status::unsupported;
            score.reason = text.empty() ? subject() + ": no reason given" : text;
            score.metrics.clear();
            return;
        case SOTTO_CANCELLED:
            score.status = Score::Status::cancelled;
            score.reason = text;
            score.metrics.clear();
            return;
        case unset_status:
            fail(score, "the status of the result was not written");
            return;
        default:
            fail(score, status_text(result.status) + ": " + (text.empty() ? "no reason given" : text));
            return;
    }
    if (!is_unwritten(score.metrics.back())) [[unlikely]] {
        fail(score, "found more metrics written than the " + std::to_string(describe().metrics.size()) + " declared");
        return;
    }
    score.metrics.pop_back();
    if (const std::string fault = fault_of(score.metrics); !fault.empty()) [[unlikely]] {
        fail(score, fault);
        return;
    }
    score.status = Score::Status::ok;
    score.reason.clear();
}

// False where the call as a whole failed: every score then says why.
bool LoadedInstance::evaluate_call(std::span<const CandidateView* const> candidates, std::span<Score> scores,
                                   const Call& call) const {
    const std::size_t count = candidates.size();
    const auto texts = std::make_unique<ErrorText[]>(count + 1);
    ErrorText& call_text = texts[count];
    std::vector<const sotto_candidate*> views(count);
    std::vector<sotto_result> results(count);
    std::vector<sotto_result*> result_pointers(count);
    for (std::size_t i = 0; i < count; ++i) {
        views[i] = &candidates[i]->view();
        scores[i].metrics.assign(describe().metrics.size() + 1, unwritten);  // one more: it stays unwritten
        results[i] = {sizeof(sotto_result), unset_status, scores[i].metrics.data(), nullptr, texts[i].sink()};
        result_pointers[i] = &results[i];
    }
    sotto_status status = SOTTO_OK;
    const std::string fault = fault_of_call(subject().c_str(), "evaluate", [&] {
        status = call(views.data(), result_pointers.data(), static_cast<std::uint32_t>(count), call_text.sink());
    });
    if (fault.empty() && status == SOTTO_OK) {
        for (std::size_t i = 0; i < count; ++i) {
            take_result(results[i], texts[i].text(), scores[i]);
        }
        return true;
    }
    if (fault.empty() && status == SOTTO_CANCELLED) {
        for (Score& score : scores) {
            score.status = Score::Status::cancelled;
            score.reason = call_text.text();
            score.metrics.clear();
        }
        return true;
    }
    const std::string reason =
        fault.empty() ? "evaluation failed: " + status_text(status) + ": " + call_text.reason() : fault;
    for (Score& score : scores) {
        fail(score, reason);
    }
    return false;
}

void LoadedInstance::evaluate_from_parent(const CandidateView& candidate, Score& score) const {
    const PrefixStates::Parent parent = prefix_states_->closest(candidate.view());
    const sotto_incremental& incremental = prefix_states_->extension();
    sotto_incremental_state* kept = nullptr;
    const CandidateView* const one = &candidate;
    const bool is_answered =
        evaluate_call({&one, 1}, {&score, 1},
                      [&](const sotto_candidate* const* candidates, sotto_result* const* results, std::uint32_t,
                          const sotto_error_sink* error) {
                          return incremental.evaluate(instance_, parent.kept == nullptr ? nullptr : &parent.prefix,
                                                      *candidates, *results, &kept, error);
                      });
    if (!is_answered) {
        return;  // whether there is a state is not said
    }
    if (kept != nullptr) {
        prefix_states_->keep(candidate.view(), kept);
    } else if (score.status == Score::Status::ok) {
        fail(score, "scored a candidate incrementally and kept no state of it");
    }
}

void LoadedInstance::evaluate(std::span<const CandidateView* const> candidates, std::span<Score> scores) const {
    assert(candidates.size() == scores.size());
    if (candidates.size() == 1 && prefix_states_ != nullptr) {
        evaluate_from_parent(*candidates.front(), scores.front());
        return;
    }
    const Call batch = [this](const sotto_candidate* const* views, sotto_result* const* results, std::uint32_t count,
                              const sotto_error_sink* error) {
        return instance_->evaluate_batch(instance_, views, results, count, error);
    };
    if (candidates.empty() || evaluate_call(candidates, scores, batch) || candidates.size() == 1) {
        return;
    }
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        evaluate_call(candidates.subspan(i, 1), scores.subspan(i, 1), batch);
    }
}

const void* LoadedInstance::ask_for_extension(const char* id) const {
    if (instance_->get_extension == nullptr) {
        return nullptr;
    }
    const void* found = nullptr;
    const std::string fault =
        fault_of_call(subject().c_str(), "get_extension", [&] { found = instance_->get_extension(instance_, id); });
    if (!fault.empty()) {
        throw PluginError(subject() + ": get_extension: " + fault);
    }
    return found;
}

std::vector<std::string> LoadedInstance::offered_extensions() const {
    std::vector<std::string> offered;
    for (const char* id : {SOTTO_PER_OPERATION_EXTENSION, SOTTO_UNCERTAINTY_EXTENSION, SOTTO_CALIBRATE_EXTENSION,
                           SOTTO_INCREMENTAL_EXTENSION}) {
        if (ask_for_extension(id) != nullptr) {
            offered.emplace_back(id);
        }
    }
    return offered;
}

// Null where the plug-in does not have it.
template <typename Extension, typename... Functions>
const Extension* LoadedInstance::find_extension(const char* id, Functions... functions) const {
    const auto* const extension = static_cast<const Extension*>(ask_for_extension(id));
    if (extension != nullptr && (!has_sound_size(*extension) || ((extension->*functions == nullptr) || ...))) {
        throw PluginError(subject() + ": extension '" + id + "': found struct_size " +
                          std::to_string(extension->struct_size) + ", expected " + sound_sizes<Extension>() +
                          ", and every function");
    }
    return extension;
}

// One candidate through a function of an extension.
void LoadedInstance::call_extension(sotto_evaluate_batch evaluate_batch, const char* what,
                                    const CandidateView& candidate, std::vector<double>& metrics,
                                    double* operation_values) const {
    ErrorText text;
    ErrorText candidate_text;
    const sotto_candidate* const view = &candidate.view();
    sotto_result result = {sizeof(sotto_result), unset_status, metrics.data(), operation_values, candidate_text.sink()};
    sotto_result* const record = &result;
    sotto_status status = SOTTO_OK;
    const std::string fault = fault_of_call(
        subject().c_str(), what, [&] { status = evaluate_batch(instance_, &view, &record, 1, text.sink()); });
    const std::string start = subject() + ": " + what + ": ";
    if (!fault.empty() || status != SOTTO_OK) {
        throw PluginError(start + (fault.empty() ? status_text(status) + ": " + text.reason() : fault));
    }
    if (result.status != SOTTO_OK) {
        throw PluginError(start + (result.status == unset_status
                                       ? "the status of the result was not written"
                                       : status_text(result.status) + ": " + candidate_text.reason()));
    }
}

std::vector<double> LoadedInstance::per_operation(const CandidateView& candidate) const {
    const auto* const extension =
        find_extension<sotto_per_operation>(SOTTO_PER_OPERATION_EXTENSION, &sotto_per_operation::evaluate_batch);
    if (extension == nullptr) {
        return {};
    }
    const sotto_program* program = candidate.view().program;
    if (program == nullptr) {
        throw PluginError(subject() + ": per-operation values need a secure program, found none");
    }
    const std::size_t metric_count = describe().metrics.size();
    std::vector<double> metrics(metric_count, unwritten);
    std::vector<double> values(program->operation_count * metric_count + 1, unwritten);
    call_extension(extension->evaluate_batch, "per-operation values", candidate, metrics, values.data());
    if (!is_unwritten(values.back())) {
        throw PluginError(subject() +
                          ": per-operation values: found more than one value for each operation and metric");
    }
    values.pop_back();
    for (std::size_t operation = 0; operation < program->operation_count; ++operation) {
        const std::span<const double> row = std::span(values).subspan(operation * metric_count, metric_count);
        if (const std::string fault = fault_of(row); !fault.empty()) {
            throw PluginError(subject() + ": operation " + std::to_string(operation) + ": " + fault);
        }
    }
    return values;
}

std::vector<double> LoadedInstance::standard_deviations(const CandidateView& candidate) const {
    const auto* const extension =
        find_extension<sotto_uncertainty>(SOTTO_UNCERTAINTY_EXTENSION, &sotto_uncertainty::evaluate_batch);
    if (extension == nullptr) {
        return {};
    }
    std::vector<double> deviations(describe().metrics.size() + 1, unwritten);
    call_extension(extension->evaluate_batch, "standard deviations", candidate, deviations, nullptr);
    if (!is_unwritten(deviations.back())) {
        throw PluginError(subject() + ": standard deviations: found more than one value for each metric");
    }
    deviations.pop_back();
    require_deviations(deviations);
    return deviations;
}

}  // namespace sotto::plugin
