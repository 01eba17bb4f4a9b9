// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cmath>

#include "engine/plugin/error_text.hpp"
#include "tools/nas-plugin/check/check.hpp"
#include "tools/nas-plugin/check/random_candidate.hpp"
#include "tools/nas-plugin/check/session.hpp"

namespace sotto::check {
namespace {

std::string evaluates(const Context& context) {
    Bench bench(context);
    const auto session = bench.session();
    const auto candidate = plain_candidate(context.seed);
    context.step("evaluating a plain network of ten layers");
    const Record record = session->evaluate(candidate->view.view());
    if (record.status != SOTTO_OK && record.status != unset_status) {
        const std::string text = "a plain network of ten layers: " + plugin::status_text(record.status) + ": " +
                                 (record.text.empty() ? "no reason given" : record.text);
        if (record.status == SOTTO_UNSUPPORTED) {
            warn(text);
        }
        fail(text);
    }
    return {};
}

// Calls `look` with what a plug-in makes of several candidates in one call.
template <typename Look>
std::string over_results(const Context& context, Look&& look) {
    Bench bench(context);
    const auto session = bench.session();
    const auto candidates = small_candidates(context.seed, 12);
    const auto views = views_of(candidates);
    context.step("evaluating 12 candidates in one call");
    const auto records = session->evaluate(views);
    for (std::size_t i = 0; i < records.size(); ++i) {
        look(records[i], bench.description(), "candidate " + std::to_string(i) + " of 12 in one call");
    }
    return {};
}

std::string records_written(const Context& context) {
    return over_results(context, [](const Record& record, const plugin::Description&, const std::string& what) {
        if (record.status == unset_status) {
            fail(what + ": its status was not written");
        }
        if (record.status < SOTTO_OK || record.status > SOTTO_CANCELLED) {
            fail(what + ": found " + plugin::status_text(record.status) + ", expected a status of the ABI");
        }
    });
}

template <typename Wrong>
std::string over_metrics(const Context& context, const char* problem, Wrong&& wrong) {
    return over_results(context,
                        [&](const Record& record, const plugin::Description& description, const std::string& what) {
                            for (std::size_t i = 0; record.status == SOTTO_OK && i < record.metrics.size(); ++i) {
                                if (wrong(record.metrics[i], description.metrics[i])) {
                                    fail(what + ": metric '" + description.metrics[i].name + "' " + problem +
                                         ": found " + std::to_string(record.metrics[i]));
                                }
                            }
                        });
}

std::string metrics_written(const Context& context) {
    return over_metrics(context, "was not written",
                        [](double value, const plugin::Metric&) { return is_unwritten(value); });
}

std::string finite_results(const Context& context) {
    return over_metrics(context, "is not finite", [](double value, const plugin::Metric&) {
        return !is_unwritten(value) && !std::isfinite(value);
    });
}

std::string non_negative_results(const Context& context) {
    return over_metrics(context, "is declared non-negative and is negative",
                        [](double value, const plugin::Metric& metric) { return metric.non_negative && value < 0; });
}

std::string writes_within(const Context& context) {
    return over_results(context, [](const Record& record, const plugin::Description&, const std::string& what) {
        if (record.was_altered) {
            fail(what + ": wrote beyond its metrics, or over the pointers of the record");
        }
    });
}

std::string fuzz(const Context& context) {
    Bench bench(context);
    const auto session = bench.session();
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t scored = 0;
    std::uint64_t tried = 0;
    // The time is bounded in any case, so that a slow plug-in is not taken for one that hangs.
    const double most_seconds = context.fuzz_seconds > 0 ? context.fuzz_seconds : context.timeout_seconds / 2;
    for (; context.fuzz_seconds > 0 || tried < context.fuzz_count; ++tried) {
        if (std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() > most_seconds) {
            break;
        }
        const std::uint64_t seed = context.seed + tried;
        const std::string replay = "candidate of seed " + std::to_string(seed) +
                                   " (replay: --only fuzz-candidates --fuzz 1 --seed " + std::to_string(seed) + ')';
        context.step(replay);
        const auto candidate = random_candidate(seed);
        Record record;
        try {
            record = session->evaluate(candidate->view.view());
        } catch (const Verdict& verdict) {
            fail(replay + ": " + verdict.what());
        }
        expect_sound(record, bench.description(), replay);
        if (record.status != SOTTO_OK && record.text.empty()) {
            fail(replay + ": " + plugin::status_text(record.status) + " without a reason");
        }
        scored += record.status == SOTTO_OK ? 1 : 0;
    }
    const std::string text = std::to_string(tried) + " candidates from seed " + std::to_string(context.seed) + ", " +
                             std::to_string(scored) + " scored, the others unsupported";
    if (scored == 0) {
        warn(text);
    }
    return text;
}

constexpr Check checks[] = {
    {"evaluates", "A plain network of ten layers is answered; no exception or signal escapes, and the call ends.",
     Scope::plugin, "creates-with-defaults", evaluates},
    {"every-record-written", "A call that succeeds has written the status of every record.", Scope::plugin, "evaluates",
     records_written},
    {"every-metric-written", "Every metric of a scored candidate is written.", Scope::plugin,
     "evaluates every-record-written", metrics_written},
    {"finite-results", "Every metric is finite.", Scope::plugin, "evaluates every-record-written", finite_results},
    {"non-negative-results", "Metrics declared non-negative are not negative.", Scope::plugin,
     "evaluates every-record-written", non_negative_results},
    {"writes-within-results", "Nothing is written beyond the metrics or over the record itself.", Scope::plugin,
     "evaluates", writes_within},
    {"fuzz-candidates", "Random valid networks, drawn from --seed, get sound results or a reasoned refusal.",
     Scope::plugin, sound_results, fuzz},
};

}  // namespace

std::span<const Check> result_checks() {
    return checks;
}

}  // namespace sotto::check
