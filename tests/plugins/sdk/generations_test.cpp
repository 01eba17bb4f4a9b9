// SPDX-License-Identifier: Apache-2.0
// Compiled twice: as a host of this release, and as one of a later release whose structs are longer. Either loads a
// plug-in of the first release and one of the later, and one of each that offers every extension.
#include <array>
#include <string>
#include <vector>

#include "sotto/plugin.h"

#include "engine/arch/network_builder.hpp"
#include "engine/plugin/registry.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::plugin;

namespace {

void check_plugin(const std::string& library) {
    Registry registry({});
    registry.load_library(library);
    const Description& description = registry.describe(Kind::cost_model, "plain-counter");
    CHECK(description.metrics.size() == 2);
    CHECK(description.metrics[1].name == "operations");
    CHECK(description.parameters.size() == 4);
    CHECK(description.parameters[3].name == "verbose");
    const auto instance = registry.create(Kind::cost_model, "plain-counter", {{"price", "2.5"}, {"repeat", "3"}});

    secure::SecureProgram sound;
    sound.operations.resize(5);
    secure::SecureProgram ends_in_argmax = sound;
    ends_in_argmax.operations.back().kind = secure::OperationKind::argmax;
    std::array<CandidateView, 2> views;
    views[0].set(0, nullptr, &sound);
    views[1].set(0, nullptr, &ends_in_argmax);
    const std::array<const CandidateView*, 2> pointers = {&views[0], &views[1]};
    std::vector<Score> scores(2);
    instance->evaluate(pointers, scores);
    CHECK(scores[0].status == Score::Status::ok);
    CHECK(scores[0].metrics == std::vector<double>{5 * 2.5 * 3, 5});
    CHECK(scores[1].status == Score::Status::unsupported);
    CHECK(scores[1].reason == "operation 4: argmax");
    CHECK(instance->per_operation(views[0]).size() == 10);
}

// Elements of each operation; a network with a layer for each behind the input.
struct Chain {
    explicit Chain(const std::vector<std::int64_t>& elements) {
        arch::NetworkBuilder builder;
        builder.reset("chain");
        arch::LayerIndex last = builder.add_input("input", {1, 8, 8});
        for (std::size_t i = 0; i < elements.size(); ++i) {
            last = builder.add_activation("relu" + std::to_string(i), last, arch::Activation::relu);
            secure::Operation operation;
            operation.kind = secure::OperationKind::relu;
            operation.elements = elements[i];
            operation.layer = last;
            program.operations.push_back(operation);
        }
        network = builder.finish(last);
        view.set(1, &network, &program);
    }

    arch::Network network;
    secure::SecureProgram program;
    CandidateView view;
};

// What it computes is exact in binary.
void check_every_extension(const std::string& library) {
    Registry registry({});
    registry.load_library(library);
    CHECK(registry.describe(Kind::cost_model, "every-extension").operation_kinds.size() == 9);
    const auto instance = registry.create(Kind::cost_model, "every-extension", {{"layer-ms", "2"}});
    const Chain first({1024, 2048});
    const Chain second({1024, 2048, 4096});
    const auto score = [&](const std::vector<const CandidateView*>& views) {
        std::vector<Score> scores(views.size());
        instance->evaluate(views, scores);
        return scores;
    };
    const std::vector<double> of_first = {2 * 2 + 1 + 2, 8 * (1024 + 2048)};
    const std::vector<double> of_second = {3 * 2 + 1 + 2 + 4, 8 * (1024 + 2048 + 4096)};
    const auto together = score({&first.view, &second.view});
    CHECK(together[0].metrics == of_first);
    CHECK(together[1].metrics == of_second);
    // Alone, each goes on from what is kept of the ones before.
    CHECK(score({&first.view})[0].metrics == of_first);
    CHECK(score({&second.view})[0].metrics == of_second);
    CHECK(score({&first.view})[0].metrics == of_first);
    CHECK(instance->per_operation(first.view) == std::vector<double>{2 + 1, 8 * 1024, 2 + 2, 8 * 2048});
    CHECK(instance->standard_deviations(second.view) == std::vector<double>{of_second[0] / 8, 0});
}

}  // namespace

#ifdef SOTTO_TEST_LATER_HOST
TEST_CASE("a later host is one whose structs are longer") {
    CHECK(sizeof(sotto_operation) == 88 + 16);
    CHECK(sizeof(sotto_host) == 56 + 16);
}
#endif

TEST_CASE("a plug-in of the first release is loaded and scores") {
    check_plugin(SOTTO_TEST_PLUGINS "/first_release.so");
    check_every_extension(SOTTO_TEST_PLUGINS "/first_release_every_extension.so");
}

TEST_CASE("a plug-in of a later release is loaded and scores") {
    check_plugin(SOTTO_TEST_PLUGINS "/later_release.so");
    check_every_extension(SOTTO_TEST_PLUGINS "/later_release_every_extension.so");
}
