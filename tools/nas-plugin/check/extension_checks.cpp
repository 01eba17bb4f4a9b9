// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "engine/plugin/abi_size.hpp"
#include "engine/plugin/error_text.hpp"
#include "tools/nas-plugin/check/check.hpp"
#include "tools/nas-plugin/check/flat_candidate.hpp"
#include "tools/nas-plugin/check/random_candidate.hpp"
#include "tools/nas-plugin/check/session.hpp"

namespace sotto::check {
namespace {

template <typename Extension>
const Extension& require(const Session& session, const char* id) {
    const auto* found = static_cast<const Extension*>(session.extension(id));
    if (found == nullptr) {
        skip(std::string("the plug-in does not offer '") + id + '\'');
    }
    return *found;
}

template <typename Extension, typename... Functions>
void expect_complete(const Session& session, const char* id, Functions... functions) {
    const auto* found = static_cast<const Extension*>(session.extension(id));
    if (found == nullptr) {
        return;
    }
    if (!plugin::has_sound_size(*found)) {
        fail(std::string("'") + id + "': found struct_size " + std::to_string(found->struct_size) + ", expected " +
             plugin::sound_sizes<Extension>());
    }
    if (((found->*functions == nullptr) || ...)) {
        fail(std::string("'") + id + "': found a null function, expected all of them");
    }
    if (session.extension(id) != found) {
        fail(std::string("'") + id + "': found another answer in the second call, expected the same");
    }
}

std::string complete(const Context& context) {
    Bench bench(context);
    const auto session = bench.session();
    expect_complete<sotto_per_operation>(*session, SOTTO_PER_OPERATION_EXTENSION, &sotto_per_operation::evaluate_batch);
    expect_complete<sotto_uncertainty>(*session, SOTTO_UNCERTAINTY_EXTENSION, &sotto_uncertainty::evaluate_batch);
    expect_complete<sotto_calibrate>(*session, SOTTO_CALIBRATE_EXTENSION, &sotto_calibrate::fit, &sotto_calibrate::save,
                                     &sotto_calibrate::load);
    expect_complete<sotto_incremental>(*session, SOTTO_INCREMENTAL_EXTENSION, &sotto_incremental::evaluate,
                                       &sotto_incremental::release);
    return {};
}

std::vector<Record> evaluate_with(const Session& session, sotto_evaluate_batch function,
                                  const std::vector<const sotto_candidate*>& views, bool with_operations) {
    Call call = session.call(views, function, with_operations);
    if (call.status != SOTTO_OK) {
        fail("found " + plugin::status_text(call.status) + ": " + call.text + ", expected a result");
    }
    return std::move(call.records);
}

std::string operations_agree(const Context& context) {
    Bench bench(context);
    const auto session = bench.session();
    const auto& extension = require<sotto_per_operation>(*session, SOTTO_PER_OPERATION_EXTENSION);
    const auto candidates = small_candidates(context.seed, 10);
    const auto views = views_of(candidates);
    const auto expected = session->evaluate(views);
    context.step("evaluating with values of the operations");
    const auto records = evaluate_with(*session, extension.evaluate_batch, views, true);
    for (std::size_t i = 0; i < records.size(); ++i) {
        const std::string what = "candidate " + std::to_string(i);
        expect_sound(records[i], bench.description(), what);
        if (records[i].was_altered) {
            fail(what + ": wrote beyond the values of the operations, or over the record");
        }
        if (bench.description().deterministic && !is_same(records[i], expected[i])) {
            fail(what + ": with values of the operations " + difference(records[i], expected[i]) + " as without them");
        }
    }
    return {};
}

std::string operations_sum(const Context& context) {
    constexpr double relative_tolerance = 1e-9;
    Bench bench(context);
    const auto session = bench.session();
    const auto& extension = require<sotto_per_operation>(*session, SOTTO_PER_OPERATION_EXTENSION);
    const auto candidates = small_candidates(context.seed, 10);
    const auto views = views_of(candidates);
    context.step("evaluating with values of the operations");
    const auto records = evaluate_with(*session, extension.evaluate_batch, views, true);
    const auto& metrics = bench.description().metrics;
    for (std::size_t i = 0; i < records.size(); ++i) {
        for (std::size_t metric = 0; records[i].status == SOTTO_OK && metric < metrics.size(); ++metric) {
            const std::string what = "candidate " + std::to_string(i) + ", metric '" + metrics[metric].name + '\'';
            double sum = 0;
            double magnitude = 0;
            for (std::size_t at = metric; at < records[i].operation_values.size(); at += metrics.size()) {
                const double value = records[i].operation_values[at];
                const std::string operation = what + ", operation " + std::to_string(at / metrics.size());
                if (is_unwritten(value)) {
                    fail(operation + ": was not written");
                }
                if (!std::isfinite(value) || (metrics[metric].non_negative && value < 0)) {
                    fail(operation + ": found " + std::to_string(value) + ", expected it as finite and non-negative " +
                         "as the metric");
                }
                sum += value;
                magnitude += std::abs(value);
            }
            const double total = records[i].metrics[metric];
            if (metrics[metric].is_sum &&
                std::abs(sum - total) > relative_tolerance * std::max(magnitude, std::abs(total))) {
                fail(what + ": the values of the operations add up to " + std::to_string(sum) + ", expected " +
                     std::to_string(total));
            }
        }
    }
    return {};
}

void expect_deviations(const Record& record, const plugin::Description& description, const std::string& what) {
    for (std::size_t i = 0; record.status == SOTTO_OK && i < record.metrics.size(); ++i) {
        const double value = record.metrics[i];
        if (is_unwritten(value) || !std::isfinite(value) || value < 0) {
            fail(what + ": metric '" + description.metrics[i].name + "': found a standard deviation " +
                 (is_unwritten(value) ? "that is not written" : "of " + std::to_string(value)) +
                 ", expected a finite number, 0 or more");
        }
    }
    if (record.was_altered) {
        fail(what + ": wrote beyond the metrics, or over the record");
    }
}

std::string uncertainty(const Context& context) {
    Bench bench(context);
    const auto session = bench.session();
    const auto& extension = require<sotto_uncertainty>(*session, SOTTO_UNCERTAINTY_EXTENSION);
    const auto candidates = small_candidates(context.seed, 10);
    auto views = views_of(candidates);
    FlatCandidate unknown(*views.front());
    for (std::uint32_t i = 0; i < unknown.program.operation_count; ++i) {
        unknown.operation(i).kind = unknown_kind;
    }
    for (std::uint32_t i = 1; i < unknown.network.layer_count; ++i) {
        unknown.layer(i).kind = unknown_kind;
    }
    views.push_back(&unknown.candidate);
    context.step("evaluating the candidates");
    const auto scored = session->evaluate(views);
    context.step("evaluating the uncertainty");
    const auto records = evaluate_with(*session, extension.evaluate_batch, views, false);
    for (std::size_t i = 0; i < records.size(); ++i) {
        const std::string what = i < candidates.size() ? "candidate " + std::to_string(i) : "an unknown kind";
        if (records[i].status != scored[i].status) {
            fail(what + ": found " +
                 (records[i].status == unset_status ? "no status" : plugin::status_text(records[i].status)) +
                 " for the uncertainty, expected " + plugin::status_text(scored[i].status) + " as for the score");
        }
        expect_deviations(records[i], bench.description(), what);
        const std::vector<const sotto_candidate*> one = {views[i]};
        const Record again = evaluate_with(*session, extension.evaluate_batch, one, false).front();
        if (bench.description().deterministic && !is_same(again, records[i])) {
            fail(what + " again, alone: " + difference(again, records[i]));
        }
    }
    return {};
}

constexpr Check checks[] = {
    {"extensions-complete", "Every extension offered has its full size and all functions, the same in every call.",
     Scope::plugin, "creates-with-defaults", complete},
    {"per-operation-agrees", "With values of the operations a candidate gets the metrics it gets without them.",
     Scope::plugin, extension_results, operations_agree},
    {"per-operation-sum", "Values of the operations are finite and add up to the metrics declared as sums.",
     Scope::plugin, extension_results, operations_sum},
    {"uncertainty-sound",
     "Standard deviations are written, finite, non-negative and repeatable, where a candidate is scored.",
     Scope::plugin, extension_results, uncertainty},
};

}  // namespace

std::span<const Check> extension_checks() {
    return checks;
}

}  // namespace sotto::check
