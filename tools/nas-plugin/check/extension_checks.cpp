// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "engine/plugin/abi_size.hpp"
#include "engine/plugin/error_text.hpp"
#include "tools/nas-plugin/check/check.hpp"
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
    if (!plugin::is_long_enough(*found)) {
        fail(std::string("'") + id + "': found struct_size " + std::to_string(found->struct_size) +
             ", expected at least " + std::to_string(plugin::least_size<Extension>));
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

std::string uncertainty(const Context& context) {
    Bench bench(context);
    const auto session = bench.session();
    const auto& extension = require<sotto_uncertainty>(*session, SOTTO_UNCERTAINTY_EXTENSION);
    const auto candidates = small_candidates(context.seed, 10);
    context.step("evaluating the uncertainty");
    const auto records = evaluate_with(*session, extension.evaluate_batch, views_of(candidates), false);
    for (const Record& record : records) {
        for (std::size_t i = 0; record.status == SOTTO_OK && i < record.metrics.size(); ++i) {
            if (is_unwritten(record.metrics[i]) || !std::isfinite(record.metrics[i]) || record.metrics[i] < 0) {
                fail("metric '" + bench.description().metrics[i].name +
                     "': found a standard deviation that is not written, not finite, or negative");
            }
        }
    }
    return {};
}

class Incremental {
  public:
    Incremental(const Session& session, const sotto_incremental& extension)
        : session_(session), extension_(extension) {}

    Record evaluate(const sotto_candidate& candidate, const sotto_prefix* prefix,
                    sotto_incremental_state** kept) const {
        std::vector<double> metrics(session_.description().metrics.size());
        plugin::ErrorText reason;
        plugin::ErrorText text;
        sotto_result result = {sizeof(sotto_result), unset_status, metrics.data(), nullptr, reason.sink()};
        sotto_status status = SOTTO_INTERNAL;
        guarded("incremental evaluate", [&] {
            status = extension_.evaluate(session_.instance(), prefix, &candidate, &result, kept, text.sink());
        });
        if (status != SOTTO_OK) {
            fail("found " + plugin::status_text(status) + ": " + text.reason() + ", expected a result");
        }
        Record record;
        record.status = result.status;
        record.metrics = metrics;
        record.text = reason.text();
        return record;
    }

    void release(sotto_incremental_state* state) const {
        guarded("release", [&] { extension_.release(session_.instance(), state); });
    }

  private:
    const Session& session_;
    const sotto_incremental& extension_;
};

std::string incremental(const Context& context) {
    Bench bench(context);
    const auto session = bench.session();
    const Incremental extension(*session, require<sotto_incremental>(*session, SOTTO_INCREMENTAL_EXTENSION));
    if (!bench.description().deterministic) {
        skip("the plug-in does not declare that it is deterministic");
    }
    const auto candidates = small_candidates(context.seed, 8);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const sotto_candidate& view = candidates[i]->view.view();
        const Record expected = session->evaluate(view);
        const std::string what = "candidate " + std::to_string(i);
        const auto expect_same = [&](const Record& record, const std::string& how) {
            if (!is_same(record, expected)) {
                fail(what + how + ": " + difference(record, expected));
            }
        };
        context.step("scoring " + what + " without a parent");
        sotto_incremental_state* parent = nullptr;
        expect_same(extension.evaluate(view, nullptr, nullptr), " without a parent");
        expect_same(extension.evaluate(view, nullptr, &parent), " without a parent, kept");
        if ((parent != nullptr) != (expected.status == SOTTO_OK)) {
            fail(what + ": found " + (parent != nullptr ? "a" : "no") +
                 " state, expected one where the candidate is scored and none otherwise");
        }
        if (parent == nullptr) {
            continue;
        }
        for (const bool is_whole : {false, true}) {
            const std::uint32_t operations = view.program->operation_count;
            const std::uint32_t layers = view.network->layer_count;
            const sotto_prefix prefix = {sizeof(sotto_prefix), 0, parent, is_whole ? operations : operations / 2,
                                         is_whole ? layers : layers / 2};
            context.step("scoring " + what + " as a child of itself");
            sotto_incremental_state* child = nullptr;
            expect_same(extension.evaluate(view, &prefix, &child), " as a child of itself");
            if (child != nullptr) {
                extension.release(child);
            }
        }
        extension.release(parent);
    }
    return {};
}

constexpr Check checks[] = {
    {"extensions-complete", "Every extension offered has its full size and all functions, the same in every call.",
     Scope::plugin, "creates-with-defaults", complete},
    {"per-operation-agrees", "With values of the operations a candidate gets the metrics it gets without them.",
     Scope::plugin, batchable_results, operations_agree},
    {"per-operation-sum", "Values of the operations are finite and add up to the metrics declared as sums.",
     Scope::plugin, batchable_results, operations_sum},
    {"uncertainty-sound", "Standard deviations are written, finite and non-negative.", Scope::plugin, sound_results,
     uncertainty},
    {"incremental-agrees", "A child scored from its parent gets the result it gets alone, to the last bit.",
     Scope::plugin, repeatable_results, incremental},
};

}  // namespace

std::span<const Check> extension_checks() {
    return checks;
}

}  // namespace sotto::check
