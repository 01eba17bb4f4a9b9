// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "engine/plugin/error_text.hpp"
#include "tools/nas-plugin/check/calibration.hpp"
#include "tools/nas-plugin/check/check.hpp"
#include "tools/nas-plugin/check/flat_candidate.hpp"
#include "tools/nas-plugin/check/incremental.hpp"
#include "tools/nas-plugin/check/random_candidate.hpp"
#include "tools/nas-plugin/check/session.hpp"

namespace sotto::check {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool allocator_keeps_memory = true;
#else
constexpr bool allocator_keeps_memory = false;
#endif

std::uint64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t pages = 0;
    std::uint64_t resident_pages = 0;
    file >> pages >> resident_pages;
    return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t heap_bytes() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

// Enough for 10,000 evaluations at 0.8 ms. One that is slower is told on fewer: a leak in every evaluation shows all
// the same.
constexpr double most_leak_seconds = 8;
// Of whatever else is repeated.
constexpr double most_other_seconds = 2;

struct Growth {
    std::size_t done = 0;
    std::int64_t heap = 0;
    std::int64_t resident = 0;
};

// What memory grows by while `work` is done `wanted` times, after a warm-up, in at most so many seconds.
template <typename Work>
Growth growth_of(std::size_t warm_up, std::size_t wanted, double most_seconds, Work&& work) {
    const auto start = Clock::now();
    const auto run = [&](std::size_t count) {
        std::size_t done = 0;
        while (done < count && seconds_since(start) < most_seconds) {
            work();
            ++done;
        }
        return done;
    };
    run(warm_up);
    Growth growth;
    const std::uint64_t heap_before = heap_bytes();
    const std::uint64_t resident_before = resident_bytes();
    growth.done = run(wanted);
    growth.heap = static_cast<std::int64_t>(heap_bytes() - heap_before);
    growth.resident = static_cast<std::int64_t>(resident_bytes() - resident_before);
    return growth;
}

// The least block of the C library has 24 bytes that can be used: a leak in every call is above this.
std::int64_t most_heap_growth(std::size_t calls) {
    return std::max<std::int64_t>(4096, static_cast<std::int64_t>(calls) * 16);
}

bool is_large(const Growth& growth, std::size_t each) {
    const std::int64_t most_heap = most_heap_growth(growth.done * each);
    return growth.heap > most_heap || growth.resident > std::max<std::int64_t>(std::int64_t{16} << 20, most_heap * 64);
}

std::string text_of(const Growth& growth, std::size_t each, const std::string& what) {
    return "in " + std::to_string(growth.done * each) + ' ' + what + " the heap grew by " +
           std::to_string(growth.heap) + " bytes, the resident memory by " + std::to_string(growth.resident);
}

// Each `work` makes `each` calls. Nothing is done where the plug-in is too slow for the time.
template <typename Work>
Growth expect_no_growth(std::size_t warm_up, std::size_t wanted, double most_seconds, std::size_t each,
                        const std::string& what, Work&& work) {
    Growth growth = growth_of(warm_up, wanted, most_seconds, work);
    // What a library keeps for good comes once, late perhaps; a leak comes again.
    if (is_large(growth, each)) {
        if (const Growth again = growth_of(0, growth.done, most_seconds, work); again.done > 0) {
            growth = again;
        }
    }
    if (is_large(growth, each)) {
        fail("memory leak: " + text_of(growth, each, what));
    }
    return growth;
}

void skip_under_sanitizers() {
    if (allocator_keeps_memory) {
        skip("the allocator of a sanitizer does not give memory back");
    }
}

std::string no_leak(const Context& context) {
    skip_under_sanitizers();
    constexpr std::size_t batch = 20;
    constexpr std::size_t wanted = 10'000;
    constexpr std::size_t warm_up = 400;
    Bench bench(context);
    const auto session = bench.session();
    const auto candidates = small_candidates(context.seed, 4);
    const auto few = views_of(candidates);
    std::vector<const sotto_candidate*> views;
    for (std::size_t i = 0; i < batch; ++i) {
        views.push_back(few[i % few.size()]);
    }
    context.step("evaluating 10000 candidates");
    const std::string what = "evaluations";
    const Growth growth =
        expect_no_growth(warm_up / batch, wanted / batch, std::min(context.timeout_seconds / 3, most_leak_seconds),
                         batch, what, [&] { static_cast<void>(session->evaluate(views)); });
    if (growth.done == 0) {
        skip("the plug-in is too slow for the timeout");
    }
    return text_of(growth, batch, what);
}

std::string no_leak_elsewhere(const Context& context) {
    skip_under_sanitizers();
    constexpr std::size_t wanted = 1000;
    Bench bench(context);
    const auto session = bench.session();
    const auto candidates = small_candidates(context.seed, 4);
    const auto views = views_of(candidates);
    const double most_seconds = std::min(context.timeout_seconds / 8, most_other_seconds);
    std::string tried;
    const auto expect_none = [&](const std::string& what, std::size_t warm_up, auto&& work) {
        context.step("repeating " + what);
        if (const Growth growth = expect_no_growth(warm_up, wanted, most_seconds, 1, what, work); growth.done > 0) {
            tried += (tried.empty() ? "" : ", ") + std::to_string(growth.done) + ' ' + what;
        }
    };
    expect_none("create and destroy", 3, [&] { bench.session()->destroy(); });

    FlatCandidate unknown(*views.front());
    unknown.layer(1).kind = unknown_kind;
    unknown.operation(1).kind = unknown_kind;
    const sotto_candidate* const refused = &unknown.candidate;
    expect_none("refusals of an unknown kind", 20, [&] { session->call({&refused, 1}); });

    if (const auto* found =
            static_cast<const sotto_per_operation*>(session->extension(SOTTO_PER_OPERATION_EXTENSION))) {
        expect_none("evaluations with values of the operations", 20,
                    [&] { session->call(views, found->evaluate_batch, true); });
    }
    if (const auto* found = static_cast<const sotto_uncertainty*>(session->extension(SOTTO_UNCERTAINTY_EXTENSION))) {
        expect_none("evaluations of the uncertainty", 20, [&] { session->call(views, found->evaluate_batch); });
    }
    if (const auto* found = static_cast<const sotto_incremental*>(session->extension(SOTTO_INCREMENTAL_EXTENSION))) {
        const Incremental extension(*session, *found);
        expect_none("states of candidates, kept and released", 20, [&] {
            sotto_incremental_state* kept = nullptr;
            extension.evaluate(*views.front(), nullptr, &kept);
            if (kept != nullptr) {
                extension.release(kept);
            }
        });
    }
    if (session->extension(SOTTO_CALIBRATE_EXTENSION) != nullptr) {
        const Calibration calibration(*session);
        const auto scored = session->evaluate(views);
        expect_none("fits, saved and loaded states", 3, [&] {
            calibration.fit(candidates, scored);
            calibration.load(calibration.save());
            calibration.load({});
        });
    }
    return tried;
}

std::size_t thread_count() {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

std::string no_thread_left(const Context& context) {
#if defined(__SANITIZE_THREAD__)
    // ThreadSanitizer's own thread starts with the first of the process: before the count, not within.
    std::thread([] {}).join();
#endif
    constexpr double patience_seconds = 0.2;
    Bench bench(context);
    const auto candidates = small_candidates(context.seed, 4);
    const auto views = views_of(candidates);
    const std::size_t before = thread_count();
    const auto session = bench.session();
    static_cast<void>(session->evaluate(views));
    const std::size_t between = thread_count();
    context.step("destroy");
    session->destroy();
    // A thread that has been joined is still listed for a moment.
    const auto start = Clock::now();
    std::size_t after = thread_count();
    while (after > before && seconds_since(start) < patience_seconds) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        after = thread_count();
    }
    if (after > before) {
        fail("found " + std::to_string(after - before) + " threads more after destroy than before create");
    }
    if (between > before && !bench.description().own_threads) {
        fail("found " + std::to_string(between - before) +
             " threads while the instance lived, expected none: SOTTO_CAPABILITY_OWN_THREADS is not declared");
    }
    return {};
}

std::string cancellation(const Context& context) {
    // A plug-in has to ask ten times in a second. A short timeout has to hold six times this.
    const double long_seconds = std::clamp(context.timeout_seconds / 8, 0.3, 1.0);
    constexpr std::size_t most_candidates = std::size_t{1} << 16;
    Bench bench(context);
    const auto session = bench.session();
    const auto candidate = plain_candidate(context.seed);
    std::size_t count = 8;
    double seconds = 0;
    std::vector<const sotto_candidate*> views;
    for (;; count *= 2) {
        views.assign(count, &candidate->view.view());
        context.step("timing a call with " + std::to_string(count) + " candidates");
        const auto start = Clock::now();
        static_cast<void>(session->evaluate(views));
        seconds = seconds_since(start);
        if (seconds >= long_seconds || count >= most_candidates) {
            break;
        }
    }
    const std::string what = "a call with " + std::to_string(count) + " candidates that takes " +
                             std::to_string(static_cast<int>(seconds * 1000)) + " ms";
    context.step("cancelling " + what);
    bench.library().host().cancel(true);
    const Call call = session->call(views);
    bench.library().host().cancel(false);
    const bool is_cancelled =
        call.status == SOTTO_CANCELLED ||
        std::ranges::any_of(call.records, [](const Record& record) { return record.status == SOTTO_CANCELLED; });
    if (!is_cancelled && call.status != SOTTO_OK) {
        fail(what + ": cancelled, found " + plugin::status_text(call.status) + ", expected cancelled");
    }
    if (!is_cancelled && seconds >= long_seconds) {
        fail(what + ": found it finished although the host asked to cancel it, expected SOTTO_CANCELLED");
    }
    context.step("evaluating after the cancellation");
    const Record record = session->evaluate(candidate->view.view());
    expect_sound(record, bench.description(), "after a cancelled call");
    return is_cancelled ? what + ": cancelled" : what + ": over before it had to ask";
}

constexpr Check checks[] = {
    {"no-leak",
     "Memory does not grow over 10,000 evaluations (fewer where they take more than 8 s or a third of the timeout).",
     Scope::plugin, "creates-with-defaults evaluates", no_leak},
    {"no-thread-left", "Threads end before destroy returns, and are declared.", Scope::plugin,
     "creates-with-defaults evaluates", no_thread_left},
    {"no-leak-elsewhere",
     "Memory does not grow over create and destroy, refusals, and the functions of the extensions.", Scope::plugin,
     "creates-with-defaults evaluates every-record-written extensions-complete no-leak no-thread-left",
     no_leak_elsewhere},
    {"cancellation-honoured", "A call of a second ends with cancelled where the host asks for it.", Scope::plugin,
     sound_results, cancellation},
};

}  // namespace

std::span<const Check> resource_checks() {
    return checks;
}

}  // namespace sotto::check
