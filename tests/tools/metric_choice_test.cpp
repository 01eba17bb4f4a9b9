// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/metric_choice.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/input/input_error.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using sotto::matchers::contains_text;
using tools::choose_metrics;
using tools::MetricChoice;

namespace {

plugin::Description proxy(const std::string& id, double cost_us, const std::vector<std::string>& metrics) {
    plugin::Description description;
    description.kind = plugin::Kind::accuracy_proxy;
    description.id = id;
    description.typical_cost_us = cost_us;
    for (const std::string& name : metrics) {
        description.metrics.push_back({name, "1", {}});
    }
    return description;
}

const std::vector<plugin::Metric> counts{{"params", "1", {}}, {"relus", "1", {}}};
const std::vector<plugin::Description> known{proxy("flow", 10, {"accuracy.flow"}),
                                             proxy("codes", 20, {"accuracy.codes"}),
                                             proxy("both", 40, {"accuracy.score", "accuracy.flow", "accuracy.codes"}),
                                             proxy("trained", 6e7, {"accuracy.test", "accuracy.validation"})};

std::vector<std::string> givers(const MetricChoice& choice) {
    std::vector<std::string> ids;
    for (const plugin::Description& description : choice.plug_ins) {
        ids.push_back(description.id);
    }
    return ids;
}

std::vector<std::string> names(const MetricChoice& choice) {
    std::vector<std::string> result;
    for (const tools::ChosenMetric& metric : choice.metrics) {
        result.push_back(metric.metric.name);
    }
    return result;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("one metric is given by the cheapest plug-in and several by the one that has most") {
    CHECK(givers(choose_metrics({"accuracy.flow"}, counts, known)) == Names{"flow"});
    CHECK(givers(choose_metrics({"accuracy.codes", "accuracy.flow"}, counts, known)) == Names{"both"});
    CHECK(givers(choose_metrics({"params"}, counts, known)).empty());
}

TEST_CASE("a pattern gives its metrics by name and leaves out what trains") {
    const MetricChoice choice = choose_metrics({"relus", "accuracy.*"}, counts, known);
    CHECK(names(choice) == Names{"relus", "accuracy.codes", "accuracy.flow", "accuracy.score"});
    CHECK(givers(choice) == Names{"both"});
    REQUIRE(choice.notes.size() == 2);
    CHECK_THAT(choice.notes[0], contains_text("accuracy.test"));
    CHECK_THAT(choice.notes[1], contains_text("accuracy.validation"));
}

TEST_CASE("what trains runs where its metric is named") {
    const MetricChoice choice = choose_metrics({"accuracy.*", "accuracy.test"}, counts, known);
    CHECK(names(choice) == Names{"accuracy.codes", "accuracy.flow", "accuracy.score", "accuracy.test"});
    CHECK(givers(choice) == Names{"both", "trained"});
    CHECK(choice.metrics.back().giver == 1);
}

TEST_CASE("unknown metrics are answered with the nearest") {
    CHECK_THROWS_WITH(choose_metrics({"accuracy.flw"}, counts, known), contains_text("did you mean 'accuracy.flow'"));
    CHECK_THROWS_WITH(choose_metrics({"speed.*"}, counts, known), contains_text("no metric fits"));
}
