// SPDX-License-Identifier: Apache-2.0
// What a plug-in does with the memory that calls give it.
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "engine/plugin/error_text.hpp"
#include "tools/nas-plugin/check/check.hpp"
#include "tools/nas-plugin/check/fenced_memory.hpp"
#include "tools/nas-plugin/check/random_candidate.hpp"
#include "tools/nas-plugin/check/session.hpp"

namespace sotto::check {
namespace {

// What outlives the instance, so that only what a check is about makes it fail.
using Memories = std::deque<FencedMemory>;

std::string reads_within(const Context& context) {
    Memories memories;
    Bench bench(context);
    const auto session = bench.session();
    for (const auto& candidate : small_candidates(context.seed, 8)) {
        const Record expected = session->evaluate(candidate->view.view());
        FencedMemory& memory = memories.emplace_back(FencedMemory::Behind::fence);
        const sotto_candidate* const fenced = copy_candidate(memory, candidate->view.view());
        context.step("evaluating a candidate with nothing behind its arrays, which end at the counts it gives");
        expect_as_before(bench, session->evaluate(*fenced), expected, "with nothing behind the arrays");
    }
    return {};
}

std::string read_only(const Context& context) {
    Memories memories;
    Bench bench(context);
    const auto session = bench.session();
    for (const auto& candidate : small_candidates(context.seed, 8)) {
        const Record expected = session->evaluate(candidate->view.view());
        FencedMemory& memory = memories.emplace_back(FencedMemory::Behind::room);
        const sotto_candidate* const views[] = {copy_candidate(memory, candidate->view.view())};
        const sotto_candidate* const* const pointers = memory.copy(&views[0], 1);
        memory.make_read_only();
        context.step("evaluating a candidate in memory that cannot be written");
        const auto records = session->evaluate({pointers, 1});
        expect_as_before(bench, records.front(), expected, "in memory that cannot be written");
    }
    return {};
}

// One call whose every struct, array and text is taken away after it.
Record call_once(const Bench& bench, const Session& session, const sotto_candidate& candidate) {
    const std::size_t metric_count = bench.description().metrics.size();
    // Never freed: its addresses are not to be used again.
    FencedMemory& memory = *new FencedMemory(FencedMemory::Behind::room);
    plugin::ErrorText text;
    plugin::ErrorText reason;
    const std::vector<double> zeros(metric_count);
    Record record;
    record.metrics.resize(metric_count);
    double* const metrics = memory.copy(zeros.data(), metric_count);
    sotto_result* const result =
        memory.copy(sotto_result{sizeof(sotto_result), unset_status, metrics, nullptr, memory.copy(*reason.sink())});
    sotto_result* const* const results = memory.copy(&result, 1);
    const sotto_candidate* const view = copy_candidate(memory, candidate);
    const sotto_candidate* const* const views = memory.copy(&view, 1);
    const sotto_error_sink* const sink = memory.copy(*text.sink());
    sotto_status status = SOTTO_INTERNAL;
    guarded("evaluate_batch",
            [&] { status = session.instance()->evaluate_batch(session.instance(), views, results, 1, sink); });
    record.status = status == SOTTO_OK ? result->status : status;
    record.text = status == SOTTO_OK ? reason.text() : text.text();
    for (std::size_t i = 0; i < metric_count; ++i) {
        record.metrics[i] = metrics[i];
    }
    memory.take_away();
    return record;
}

// An instance whose id and arguments are taken away after create.
sotto_instance* create_once(Bench& bench) {
    FencedMemory& memory = *new FencedMemory(FencedMemory::Behind::room);
    const auto copy_text = [&](const std::string& from) { return memory.copy(from.c_str(), from.size() + 1); };
    std::vector<const sotto_argument*> pointers;
    for (const auto& [name, value] : bench.arguments()) {
        pointers.push_back(memory.copy(sotto_argument{sizeof(sotto_argument), 0, copy_text(name), copy_text(value)}));
    }
    plugin::ErrorText text;
    const auto count = static_cast<std::uint32_t>(pointers.size());
    sotto_instance** const made = memory.copy(std::vector<sotto_instance*>{nullptr}.data(), 1);
    const sotto_factory* const factory = bench.offered().factory;
    sotto_status status = SOTTO_INTERNAL;
    guarded("create", [&] {
        status = factory->create(factory, &bench.library().host().host(), copy_text(bench.description().id),
                                 memory.copy(pointers.data(), count), count, made, memory.copy(*text.sink()));
    });
    sotto_instance* const instance = *made;
    memory.take_away();
    if (status != SOTTO_OK) {
        fail("create: " + plugin::status_text(status) + ": " + text.reason());
    }
    return instance;
}

std::string nothing_kept(const Context& context) {
    Bench bench(context);
    const auto candidates = small_candidates(context.seed, 6);
    std::vector<Record> expected;
    {
        const auto session = bench.session();
        for (const auto& candidate : candidates) {
            expected.push_back(session->evaluate(candidate->view.view()));
        }
    }
    context.step("create, its arguments taken away after it");
    Session session(bench.description(), create_once(bench));
    for (const int round : {1, 2}) {
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            const std::string what = "candidate " + std::to_string(i) + " in round " + std::to_string(round);
            context.step("evaluating " + what + "; what create and earlier calls were given is gone");
            expect_as_before(bench, call_once(bench, session, candidates[i]->view.view()), expected[i], what);
        }
    }
    // As nas-run does: one candidate after another in the same memory.
    plugin::CandidateView same_place;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const std::string what = "candidate " + std::to_string(i) + " in the memory of the one before";
        context.step("evaluating " + what);
        same_place.set(candidates[i]->seed, &candidates[i]->network, &candidates[i]->program);
        expect_as_before(bench, session.evaluate(same_place.view()), expected[i], what);
    }
    context.step("destroy; what create and the calls were given is gone");
    session.destroy();
    return {};
}

constexpr Check checks[] = {
    {"reads-within-candidate", "Nothing is read behind the arrays of a candidate.", Scope::plugin, batchable_results,
     reads_within},
    {"candidate-only-read", "Candidates are only read: others see the same ones.", Scope::plugin, batchable_results,
     read_only},
    {"nothing-kept", "Nothing that a call was given is used after it: candidates, results, arguments, error sinks.",
     Scope::plugin, batchable_results, nothing_kept},
};

}  // namespace

std::span<const Check> memory_checks() {
    return checks;
}

}  // namespace sotto::check
