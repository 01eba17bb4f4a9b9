// SPDX-License-Identifier: Apache-2.0
// Compiled twice: as a host of this release, and as one of a later release whose structs are longer. Either loads a
// plug-in of the first release and one of the later.
#include <array>
#include <string>
#include <vector>

#include "sotto/plugin.h"

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

}  // namespace

#ifdef SOTTO_TEST_LATER_HOST
TEST_CASE("a later host is one whose structs are longer") {
    CHECK(sizeof(sotto_operation) == 88 + 16);
    CHECK(sizeof(sotto_host) == 56 + 16);
}
#endif

TEST_CASE("a plug-in of the first release is loaded and scores") {
    check_plugin(SOTTO_TEST_PLUGINS "/first_release.so");
}

TEST_CASE("a plug-in of a later release is loaded and scores") {
    check_plugin(SOTTO_TEST_PLUGINS "/later_release.so");
}
