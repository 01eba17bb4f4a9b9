// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <thread>

#include "tools/nas-plugin/check/check.hpp"
#include "tools/nas-plugin/check/random_candidate.hpp"
#include "tools/nas-plugin/check/session.hpp"

namespace sotto::check {
namespace {

std::string services_used(const Context& context) {
    using Loops = TestHost::Loops;
    // Threads that go on are given the time to show it.
    constexpr std::chrono::milliseconds patience{50};
    Bench bench(context);
    TestHost& host = bench.library().host();
    const auto candidates = small_candidates(context.seed, 6);
    const auto views = views_of(candidates);
    auto session = bench.session();
    const auto expect_no_misuse = [&] {
        if (const std::string misuse = host.misuse(); !misuse.empty()) {
            fail(misuse);
        }
    };
    host.set_loops(Loops::refused);
    context.step("evaluating while the host refuses parallel_for");
    const auto expected = session->evaluate(views);
    for (const Loops loops : {Loops::backwards, Loops::on_threads}) {
        const std::string how = loops == Loops::backwards ? "from the last index to the first" : "on four threads";
        host.set_loops(loops);
        context.step("evaluating while the host runs parallel_for " + how);
        const auto records = session->evaluate(views);
        for (std::size_t i = 0; i < records.size(); ++i) {
            const std::string what = "candidate " + std::to_string(i) + ", parallel_for run " + how;
            expect_sound(records[i], bench.description(), what);
            if (bench.description().deterministic && !is_same(records[i], expected[i])) {
                fail(what + " against refused: " + difference(records[i], expected[i]));
            }
        }
    }
    expect_no_misuse();
    session->destroy();
    session.reset();
    bench.library().deinit();
    host.close();
    std::this_thread::sleep_for(patience);
    expect_no_misuse();
    bench.library().init();
    return "parallel_for was called " + std::to_string(host.loop_count()) + " times";
}

constexpr Check checks[] = {
    {"host-services-used-rightly",
     "Services of the host are called as the header says, and results are the same however parallel_for runs.",
     Scope::plugin, batchable_results, services_used},
};

}  // namespace

std::span<const Check> host_service_checks() {
    return checks;
}

}  // namespace sotto::check
