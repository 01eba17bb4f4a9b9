// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <barrier>
#include <charconv>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>

#include "tools/nas-plugin/check/check.hpp"
#include "tools/nas-plugin/check/random_candidate.hpp"
#include "tools/nas-plugin/check/session.hpp"

namespace sotto::check {
namespace {

void expect_deterministic(const plugin::Description& description) {
    if (!description.deterministic) {
        skip("the plug-in does not declare that it is deterministic");
    }
}

void expect_same(const Record& found, const Record& expected, const std::string& what) {
    if (!is_same(found, expected)) {
        fail(what + ": " + difference(found, expected));
    }
}

std::vector<Record> singles(const Session& session, const std::vector<const sotto_candidate*>& views) {
    std::vector<Record> records;
    for (const sotto_candidate* view : views) {
        records.push_back(session.evaluate(*view));
    }
    return records;
}

std::string deterministic(const Context& context) {
    Bench bench(context);
    expect_deterministic(bench.description());
    const auto candidates = small_candidates(context.seed, 8);
    const auto views = views_of(candidates);
    const auto session = bench.session();
    const auto expected = singles(*session, views);
    for (int round = 0; round < 3; ++round) {
        context.step("evaluating again on the same instance");
        const auto again = singles(*session, views);
        for (std::size_t i = 0; i < again.size(); ++i) {
            expect_same(again[i], expected[i], "candidate " + std::to_string(i) + " evaluated again");
        }
    }
    context.step("evaluating on another instance");
    const auto other = bench.session();
    const auto again = singles(*other, views);
    for (std::size_t i = 0; i < again.size(); ++i) {
        expect_same(again[i], expected[i], "candidate " + std::to_string(i) + " on another instance");
    }
    return {};
}

std::string order_invariant(const Context& context) {
    Bench bench(context);
    expect_deterministic(bench.description());
    const auto candidates = small_candidates(context.seed, 9);
    auto views = views_of(candidates);
    const auto session = bench.session();
    context.step("evaluating 9 candidates in order");
    const auto expected = session->evaluate(views);
    for (std::size_t turn = 1; turn < views.size(); turn += 3) {
        std::ranges::rotate(views, views.begin() + 1);
        std::ranges::reverse(views);
        context.step("evaluating 9 candidates in another order");
        const auto records = session->evaluate(views);
        for (std::size_t i = 0; i < views.size(); ++i) {
            const auto at =
                std::ranges::find_if(candidates, [&](const auto& one) { return &one->view.view() == views[i]; });
            const auto index = static_cast<std::size_t>(at - candidates.begin());
            expect_same(records[i], expected[index],
                        "candidate " + std::to_string(index) + " at place " + std::to_string(i) + " of the call");
        }
    }
    return {};
}

std::string batch_is_singles(const Context& context) {
    Bench bench(context);
    expect_deterministic(bench.description());
    const auto candidates = small_candidates(context.seed, 8);
    const auto base = views_of(candidates);
    const auto session = bench.session();
    const auto expected = singles(*session, base);
    std::vector<std::size_t> sizes = {2, 3, 8, 128};
    if (const std::uint32_t preferred = bench.description().preferred_batch; preferred > 1 && preferred <= 1024) {
        sizes.push_back(preferred);
        sizes.push_back(preferred + 1);
    }
    for (const std::size_t size : sizes) {
        std::vector<const sotto_candidate*> views;
        for (std::size_t i = 0; i < size; ++i) {
            views.push_back(base[i % base.size()]);
        }
        context.step("evaluating a batch of " + std::to_string(size));
        const auto records = session->evaluate(views);
        for (std::size_t i = 0; i < size; ++i) {
            expect_same(records[i], expected[i % base.size()],
                        "candidate " + std::to_string(i) + " in a batch of " + std::to_string(size) + " against alone");
        }
    }
    return {};
}

std::string threads_agree(const Context& context) {
    constexpr std::size_t thread_count = 4;
    constexpr double enough_seconds = 0.5;
    constexpr int most_rounds = 400;
    Bench bench(context);
    const auto candidates = small_candidates(context.seed, 6);
    const auto views = views_of(candidates);
    const plugin::ThreadLevel level = bench.description().thread_level;
    std::vector<std::unique_ptr<Session>> sessions;
    const std::size_t session_count = level == plugin::ThreadLevel::instance ? thread_count : 1;
    for (std::size_t i = 0; i < session_count; ++i) {
        sessions.push_back(bench.session());
    }
    const auto expected = singles(*sessions[0], views);
    const bool compares = bench.description().deterministic;
    context.step("evaluating from " + std::to_string(thread_count) + " threads at once");
    std::barrier begin(thread_count);
    std::mutex one_at_a_time;
    std::mutex report_mutex;
    std::string fault;
    std::atomic<bool> stop = false;
    const auto start = std::chrono::steady_clock::now();
    const auto work = [&](std::size_t thread) {
        begin.arrive_and_wait();
        try {
            for (int round = 0; round < most_rounds && !stop; ++round) {
                for (std::size_t i = 0; i < views.size(); ++i) {
                    const std::size_t which = (i + thread) % views.size();
                    std::unique_lock<std::mutex> lock(one_at_a_time, std::defer_lock);
                    if (level == plugin::ThreadLevel::none) {
                        lock.lock();
                    }
                    const Record record = sessions[thread % sessions.size()]->evaluate(*views[which]);
                    const std::string what = "candidate " + std::to_string(which) + " on thread " +
                                             std::to_string(thread) + " of " + std::to_string(thread_count);
                    if (compares) {
                        expect_same(record, expected[which], what);
                    } else {
                        expect_sound(record, bench.description(), what);
                    }
                }
                stop = stop ||
                       std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() > enough_seconds;
            }
        } catch (const std::exception& error) {
            const std::lock_guard lock(report_mutex);
            fault = error.what();
            stop = true;
        }
    };
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < thread_count; ++i) {
            threads.emplace_back(work, i);
        }
    }
    if (!fault.empty()) {
        fail("at the declared thread level: " + fault);
    }
    return {};
}

// Another value that the parameter allows, if there is one for sure.
std::optional<std::string> another_value(const plugin::Parameter& parameter, const std::string& value) {
    if (parameter.type == plugin::ParameterType::boolean) {
        return value == "true" ? "false" : "true";
    }
    for (const std::string& choice : parameter.choices) {
        if (choice != value) {
            return choice;
        }
    }
    if (parameter.type == plugin::ParameterType::integer || parameter.type == plugin::ParameterType::number) {
        double number = 0;
        std::from_chars(value.data(), value.data() + value.size(), number);
        for (const double other : {number + 1, number - 1}) {
            if (other >= parameter.least && other <= parameter.most) {
                return std::to_string(static_cast<std::int64_t>(other));
            }
        }
    }
    return std::nullopt;
}

std::string instances_independent(const Context& context) {
    Bench bench(context);
    expect_deterministic(bench.description());
    const auto candidates = small_candidates(context.seed, 5);
    const auto views = views_of(candidates);
    const auto first = bench.session();
    const auto expected = singles(*first, views);
    const auto expect_unchanged = [&](const std::string& what) {
        const auto again = singles(*first, views);
        for (std::size_t i = 0; i < again.size(); ++i) {
            expect_same(again[i], expected[i], "candidate " + std::to_string(i) + " after " + what);
        }
    };
    for (std::size_t i = 0; i < bench.arguments().size(); ++i) {
        auto arguments = bench.arguments();
        const auto other = another_value(bench.description().parameters[i], arguments[i].second);
        if (!other) {
            continue;
        }
        arguments[i].second = *other;
        const std::string what = "another instance with " + arguments[i].first + '=' + *other;
        context.step("making " + what);
        const Creation creation = try_create(bench.offered(), bench.library().host().host(), context.plugin, arguments);
        if (creation.instance == nullptr) {
            continue;  // arguments may make no sense together
        }
        guarded("destroy", [&] { creation.instance->destroy(creation.instance); });
        expect_unchanged(what + " was made and destroyed");
        Session second(bench.offered(), bench.library().host(), arguments);
        static_cast<void>(singles(second, views));
        expect_unchanged(what + " was used");
    }
    {
        const auto second = bench.session();
        static_cast<void>(singles(*second, views));
    }
    expect_unchanged("another instance was used and destroyed");
    return {};
}

constexpr Check checks[] = {
    {"deterministic-as-declared",
     "Results of a deterministic plug-in are equal to the last bit in every call and instance.", Scope::plugin,
     sound_results, deterministic},
    {"order-invariant", "Results do not depend on the order of the candidates in a call.", Scope::plugin,
     repeatable_results, order_invariant},
    {"batch-equals-singles", "A candidate gets the same result alone and in a batch of any size.", Scope::plugin,
     "evaluates every-record-written every-metric-written deterministic-as-declared order-invariant", batch_is_singles},
    {"threads-agree", "Four threads at the declared level, under load, get the results of one thread.", Scope::plugin,
     repeatable_results, threads_agree},
    {"instances-independent", "What another instance is given, and its end, changes no result of this one.",
     Scope::plugin, repeatable_results, instances_independent},
};

}  // namespace

std::span<const Check> agreement_checks() {
    return checks;
}

}  // namespace sotto::check
