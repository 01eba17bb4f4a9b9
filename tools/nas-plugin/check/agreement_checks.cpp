// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <barrier>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>

#include "engine/plugin/error_text.hpp"
#include "tools/nas-plugin/check/check.hpp"
#include "tools/nas-plugin/check/child_process.hpp"
#include "tools/nas-plugin/check/random_candidate.hpp"
#include "tools/nas-plugin/check/session.hpp"

namespace sotto::check {
namespace {

std::vector<Record> singles(const Session& session, const std::vector<const sotto_candidate*>& views) {
    std::vector<Record> records;
    for (const sotto_candidate* view : views) {
        records.push_back(session.evaluate(*view));
    }
    return records;
}

// Small ones, and two that are not.
std::vector<std::unique_ptr<Candidate>> varied_candidates(std::uint64_t seed) {
    constexpr std::uint32_t blocks = 60;
    auto candidates = small_candidates(seed, 8);
    candidates.push_back(long_candidate(blocks));
    candidates.push_back(random_candidate(seed));
    return candidates;
}

std::string deterministic(const Context& context) {
    Bench bench(context);
    expect_deterministic(bench.description());
    const auto candidates = varied_candidates(context.seed);
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
    constexpr int more_instances = 3;
    std::vector<std::unique_ptr<Session>> others;
    for (int number = 0; number < more_instances; ++number) {
        context.step("evaluating on another instance");
        others.push_back(bench.session());
        const auto again = singles(*others.back(), views);
        for (std::size_t i = 0; i < again.size(); ++i) {
            expect_same(again[i], expected[i], "candidate " + std::to_string(i) + " on another instance");
        }
    }
    return {};
}

// Seventeen digits tell every double from every other.
std::string text_of(const std::vector<Record>& records) {
    std::string text;
    for (const Record& record : records) {
        text += plugin::status_text(record.status);
        for (std::size_t i = 0; record.status == SOTTO_OK && i < record.metrics.size(); ++i) {
            char value[40];
            std::snprintf(value, sizeof value, " %.17g", record.metrics[i]);
            text += value;
        }
        text += '\n';
    }
    return text;
}

// What another process of this program says; no check of its own.
std::string results_as_text(const Context& context) {
    Bench bench(context);
    const auto candidates = varied_candidates(context.seed);
    return text_of(singles(*bench.session(), views_of(candidates)));
}

std::string same_in_another_process(const Context& context) {
    Bench bench(context);
    expect_deterministic(bench.description());
    const auto candidates = varied_candidates(context.seed);
    const std::string expected = text_of(singles(*bench.session(), views_of(candidates)));
    context.step("waiting for the next second of the clock");
    std::this_thread::sleep_until(std::chrono::ceil<std::chrono::seconds>(std::chrono::system_clock::now()));
    context.step("evaluating in another process");
    Context other = context;
    other.timeout_seconds = context.timeout_seconds / 2;
    const ChildResult made = run_in_child(results_check, other, Environment::bare);
    if (made.outcome != Outcome::success) {
        fail("in another process: " + made.text);
    }
    if (made.text != expected) {
        std::istringstream here(expected);
        std::istringstream there(made.text);
        std::string left;
        std::string right;
        std::size_t candidate = 0;
        while (std::getline(here, left) && std::getline(there, right) && left == right) {
            ++candidate;
        }
        fail("candidate " + std::to_string(candidate) + ": found " + right +
             " in another process a second later, with no more in its environment than PATH, HOME and LD_LIBRARY_PATH; "
             "expected " +
             left + " as in this one");
    }
    return {};
}

std::string any_thread(const Context& context) {
    Bench bench(context);
    const auto candidates = small_candidates(context.seed, 4);
    const auto views = views_of(candidates);
    const auto expected = bench.session()->evaluate(views);
    std::string fault;
    const auto on_new_thread = [&](auto&& body) {
        std::thread([&] {
            try {
                body();
            } catch (const std::exception& error) {
                fault = error.what();
            }
        }).join();
        if (!fault.empty()) {
            fail(fault);
        }
    };
    std::unique_ptr<Session> session = bench.session();
    context.step("destroy on another thread than create");
    on_new_thread([&] { session->destroy(); });
    context.step("create on a thread that then ends");
    on_new_thread([&] { session = bench.session(); });
    for (int round = 0; round < 3; ++round) {
        context.step("evaluating on another thread than create and the calls before");
        on_new_thread([&] {
            const auto records = session->evaluate(views);
            for (std::size_t i = 0; i < records.size() && bench.description().deterministic; ++i) {
                expect_same(records[i], expected[i], "candidate " + std::to_string(i) + " on another thread");
            }
        });
    }
    context.step("destroy after the end of the thread of create");
    session->destroy();
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
    // A call of so many takes as long as three of 128, where those are quick.
    constexpr double quick_seconds = 0.5;
    std::vector<std::size_t> sizes = {2, 3, 8, 128, 129, 400};
    if (const std::uint32_t preferred = bench.description().preferred_batch; preferred > 1 && preferred <= 1024) {
        sizes.push_back(preferred);
        sizes.push_back(preferred + 1);
    }
    double slowest = 0;
    for (const std::size_t size : sizes) {
        if (size > 128 && slowest > quick_seconds) {
            continue;
        }
        const auto start = std::chrono::steady_clock::now();
        std::vector<const sotto_candidate*> views;
        for (std::size_t i = 0; i < size; ++i) {
            views.push_back(base[i % base.size()]);
        }
        context.step("evaluating a batch of " + std::to_string(size));
        const auto records = session->evaluate(views);
        slowest = std::max(slowest, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
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
    {"same-in-another-process",
     "Results of a deterministic plug-in do not depend on process, time, environment or addresses.", Scope::plugin,
     repeatable_results, same_in_another_process},
    {"any-thread", "create, evaluations and destroy may each come from another thread.", Scope::plugin,
     batchable_results, any_thread},
};

}  // namespace

const Check results_check = {"results", "What another process finds.", Scope::plugin, "", results_as_text};

std::span<const Check> agreement_checks() {
    return checks;
}

}  // namespace sotto::check
