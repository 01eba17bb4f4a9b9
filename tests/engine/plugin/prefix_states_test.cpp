// SPDX-License-Identifier: Apache-2.0
// A costly plug-in goes on from what it kept of a candidate before: the same result with less work.
#include "engine/plugin/prefix_states.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "engine/arch/network_builder.hpp"
#include "engine/plugin/instance.hpp"
#include "engine/plugin/registry.hpp"
#include "tests/engine/plugin/chained_plugin.hpp"
#include "tests/engine/plugin/message_of.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::plugin;
using sotto::matchers::contains_text;

namespace {

using Channels = std::vector<int>;

// Input, then convolutions of these channels: as many operations, and one layer more.
struct Chain {
    explicit Chain(const Channels& channels) {
        arch::NetworkBuilder builder;
        builder.reset("chain");
        arch::Window window;
        window.kernel_height = window.kernel_width = 1;
        arch::LayerIndex last = builder.add_input("input", {3, 8, 8});
        for (std::size_t i = 0; i < channels.size(); ++i) {
            last = builder.add_convolution("conv" + std::to_string(i), last, channels[i], window);
            secure::Operation operation;
            operation.kind = secure::OperationKind::convolution;
            operation.elements = channels[i];
            operation.layer = last + 100 * static_cast<arch::LayerIndex>(channels.size());  // not what counts
            program.operations.push_back(operation);
        }
        network = builder.finish(last);
        view.set(1, &network, &program);
    }

    arch::Network network;
    secure::SecureProgram program;
    CandidateView view;
};

Score score(const Instance& instance, const Channels& channels) {
    const Chain chain(channels);
    const CandidateView* const one = &chain.view;
    Score score;
    instance.evaluate({&one, 1}, {&score, 1});
    return score;
}

// By a call for several.
std::vector<Score> score_batch(const Instance& instance, const std::vector<Channels>& all) {
    std::vector<std::unique_ptr<Chain>> chains;
    std::vector<const CandidateView*> views;
    for (const Channels& channels : all) {
        chains.push_back(std::make_unique<Chain>(channels));
        views.push_back(&chains.back()->view);
    }
    std::vector<Score> scores(all.size());
    instance.evaluate(views, scores);
    return scores;
}

struct Plugins {
    Plugins() { registry.add_built_in(test::chained_plugin_entry(), "chained"); }

    std::unique_ptr<Instance> create(const std::string& id, const std::string& counts_work = "false") {
        return registry.create(Kind::cost_model, id, {{"counts_work", counts_work}});
    }

    Registry registry{{}};
};

constexpr int work = 1;

}  // namespace

TEST_CASE("A candidate that begins as another did is scored from there with the same result") {
    Plugins plugins;
    const auto instance = plugins.create("chained");
    const auto counting = plugins.create("chained", "true");
    const std::vector<Channels> all = {
        {4, 5, 6, 7},     // 4 operations and 5 layers
        {4, 5, 6, 8},     // 3 and 4 of them as above
        {4, 5, 6, 8, 9},  // all of the one before
        {4, 5, 6},        // nothing new
        {9, 5, 6},        // the input layer alone is not looked for: 3 and 4
        {4, 5, 6, 7},     // the same again
    };
    const std::vector<double> expected_work = {9, 2, 2, 0, 7, 0};
    const std::vector<Score> expected = score_batch(*plugins.create("chained"), all);
    for (std::size_t i = 0; i < all.size(); ++i) {
        INFO(i);
        const Score found = score(*instance, all[i]);
        REQUIRE(found.status == Score::Status::ok);
        CHECK(found.metrics == expected[i].metrics);
        CHECK(score(*counting, all[i]).metrics[work] == expected_work[i]);
    }
}

TEST_CASE("States are kept of as many candidates as are said and released with the instance") {
    const int before = test::chained_states();
    {
        Plugins plugins;
        const auto instance = plugins.create("chained", "true");
        const auto most = static_cast<int>(PrefixStates::most_states);
        score(*instance, {1, 2, 3});
        for (int i = 0; i < most - 1; ++i) {
            score(*instance, {13 * (10 + i) + 1, 200, 300});  // no multiple of 13
        }
        CHECK(test::chained_states() - before == most);
        CHECK(score(*instance, {1, 2, 3, 4}).metrics[work] == 2);  // now used last, like its parent
        for (int i = 0; i < most - 2; ++i) {
            score(*instance, {13 * (100 + i) + 1, 200, 300});
            CHECK(test::chained_states() - before == most);
        }
        CHECK(score(*instance, {1, 2, 3, 5}).metrics[work] == 2);
        CHECK(score(*instance, {131, 200, 300}).metrics[work] == 7);  // forgotten
    }
    CHECK(test::chained_states() == before);
}

TEST_CASE("A candidate that is not supported keeps nothing and harms nobody") {
    Plugins plugins;
    const auto instance = plugins.create("chained", "true");
    const int before = test::chained_states();
    score(*instance, {4, 5});
    CHECK(test::chained_states() == before + 1);
    const Score refused = score(*instance, {4, 5, 26});
    CHECK(refused.status == Score::Status::unsupported);
    CHECK(refused.reason == "operation 2 is unlucky");
    CHECK(test::chained_states() == before + 1);
    CHECK(score(*instance, {4, 5, 7}).metrics[work] == 2);
}

TEST_CASE("Batches and cheap plug-ins and those that are not deterministic are scored without states") {
    Plugins plugins;
    for (const char* const id : {"chained-cheap", "chained-random"}) {
        const int before = test::chained_states();
        const auto instance = plugins.create(id, "true");
        for (int i = 0; i < 3; ++i) {
            CHECK(score(*instance, {4, 5, 6}).metrics[work] == 7);
        }
        CHECK(test::chained_states() == before);
    }
    const auto costly = plugins.create("chained", "true");
    for (const Score& of_batch : score_batch(*costly, {{4, 5, 6}, {4, 5, 6}})) {
        CHECK(of_batch.metrics[work] == 7);
    }
}

namespace {

// The plug-in `chained`, whose extension is what a test sets.
sotto_incremental altered;

const void* altered_extension(const sotto_instance*, const char* id) {
    return std::string(id) == SOTTO_INCREMENTAL_EXTENSION ? &altered : nullptr;
}

sotto_status create_altered(const sotto_factory* /*factory*/, const sotto_host* host, const char* id,
                            const sotto_argument* const* arguments, std::uint32_t count, sotto_instance** instance,
                            const sotto_error_sink* error) {
    const sotto_factory* const real = test::chained_plugin_entry().get_factory(SOTTO_COST_MODEL_FACTORY);
    const sotto_status status = real->create(real, host, id, arguments, count, instance, error);
    if (status == SOTTO_OK) {
        (*instance)->get_extension = altered_extension;
    }
    return status;
}

const sotto_factory* altered_factory(const char* id) {
    static sotto_factory factory;
    const sotto_factory* const real = test::chained_plugin_entry().get_factory(id);
    if (real == nullptr) {
        return nullptr;
    }
    static const sotto_factory* chained = real;
    factory = {sizeof factory, 0, [](const sotto_factory*) { return chained->count(chained); },
               [](const sotto_factory*, std::uint32_t index) { return chained->descriptor(chained, index); },
               create_altered};
    return &factory;
}

}  // namespace

TEST_CASE("An extension that breaks its contract is told") {
    sotto_plugin_entry_v1 entry = test::chained_plugin_entry();
    entry.get_factory = altered_factory;
    Registry registry({});
    registry.add_built_in(entry, "altered");
    const auto release = [](sotto_instance*, sotto_incremental_state*) {};

    altered = {sizeof altered, 0, nullptr, release};
    CHECK_THAT(message_of([&] { registry.create(Kind::cost_model, "chained", {}); }),
               contains_text("extension 'sotto.incremental/1'") && contains_text("and every function"));

    altered = {sizeof altered, 0,
               [](sotto_instance*, const sotto_prefix*, const sotto_candidate*, sotto_result* result,
                  sotto_incremental_state** kept, const sotto_error_sink*) {
                   result->status = SOTTO_OK;
                   result->metrics[0] = result->metrics[1] = 1;
                   *kept = nullptr;
                   return sotto_status{SOTTO_OK};
               },
               release};
    const auto forgetful = registry.create(Kind::cost_model, "chained", {});
    const Score without_state = score(*forgetful, {4, 5});
    CHECK(without_state.status == Score::Status::failed);
    CHECK_THAT(without_state.reason, contains_text("cost model 'chained'") && contains_text("kept no state"));

    altered.evaluate = [](sotto_instance*, const sotto_prefix*, const sotto_candidate*, sotto_result*,
                          sotto_incremental_state**, const sotto_error_sink* error) {
        error->report(error, "out of patience");
        return sotto_status{SOTTO_INTERNAL};
    };
    const auto failing = registry.create(Kind::cost_model, "chained", {});
    const Score failed = score(*failing, {4, 5});
    CHECK(failed.status == Score::Status::failed);
    CHECK_THAT(failed.reason, contains_text("out of patience"));
}
