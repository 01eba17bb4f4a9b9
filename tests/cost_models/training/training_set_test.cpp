// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/training_set.hpp"

#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <stdexcept>

#include "cost_models/training/latency_trainer.hpp"
#include "cost_models/training/published_import.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::training;
using sotto::matchers::contains_text;

namespace {

MeasuredOperation relu(std::int64_t elements, double client_ms, double server_ms) {
    MeasuredOperation row;
    row.operation.struct_size = sizeof(sotto_operation);
    row.operation.kind = SOTTO_OPERATION_RELU;
    row.operation.elements = elements;
    row.client_ms = client_ms;
    row.server_ms = server_ms;
    return row;
}

}  // namespace

TEST_CASE("runs of a network come together from all tables") {
    const MeasurementTable first{{{"b", 1, {relu(4, 1, 2)}}, {"a", 1, {relu(5, 3, 4), relu(6, 5, 6)}}}};
    const MeasurementTable second{{{"b", 2, {relu(4, 7, 8)}}}};
    const TrainingSet set = training_set({first, second});
    REQUIRE(set.size() == 2);
    CHECK(set[0].name == "b");
    CHECK(set[0].runs == std::vector<std::vector<RoleTimes>>{{{1, 2}}, {{7, 8}}});
    CHECK(set[1].operations.size() == 2);
    CHECK(set[1].runs == std::vector<std::vector<RoleTimes>>{{{3, 4}, {5, 6}}});
}

TEST_CASE("runs of a network with other operations are refused") {
    const MeasurementTable first{{{"b", 1, {relu(4, 1, 2)}}}};
    CHECK_THROWS_AS(training_set({first, {{{"b", 2, {relu(5, 1, 2)}}}}}), std::invalid_argument);
    CHECK_THROWS_AS(training_set({first, {{{"b", 2, {relu(4, 1, 2), relu(4, 1, 2)}}}}}), std::invalid_argument);
}

TEST_CASE("a run that stands in two tables is refused") {
    const MeasurementTable first{{{"b", 1, {relu(4, 1, 2)}}, {"b", 7, {relu(4, 1, 2)}}}};
    CHECK_THROWS_WITH(training_set({first, {{{"a", 7, {relu(4, 1, 2)}}, {"b", 7, {relu(4, 3, 4)}}}}}),
                      "run 7 of network 'b' stands twice");
}

TEST_CASE("times of 0 are hidden for the role that has them and count as 0 in sums") {
    const TrainingSet set = training_set({{{{"a", 1, {relu(4, 0, 2), relu(4, 3, 4)}}}}});
    CHECK(std::isnan(set[0].runs[0][0].client_ms));
    CHECK(set[0].runs[0][0].server_ms == 2);
    CHECK(set[0].runs[0][1] == RoleTimes{3, 4});
    CHECK(set[0].unresolved == std::set<TimePlace>{{0, 0, Role::client}});
    CHECK(set[0].addend({0, 0, Role::client}) == 0);
    CHECK(set[0].addend({0, 0, Role::server}) == 2);
}

TEST_CASE("an operation is timed for a role once however often it ran") {
    const TrainingSet set = training_set({{{{"a", 1, {relu(4, 0, 2), relu(4, 3, 4), relu(4, 0, 1)}},
                                            {"b", 1, {relu(4, 0, 5)}},
                                            {"a", 2, {relu(4, 1, 2), relu(4, 3, 4), relu(4, 0, 1)}}}}});
    CHECK(timed_operations(set, Role::client) == 2);
    CHECK(timed_operations(set, Role::server) == 4);
    CHECK_NOTHROW(require_times_of_both_roles(set));
    CHECK_THROWS_WITH(require_times_of_both_roles(training_set({{{{"a", 1, {relu(4, 1, 0)}}}}})),
                      contains_text("of the server"));
    CHECK_THROWS_WITH(require_times_of_both_roles({}), contains_text("of the client"));
}

TEST_CASE("a configuration is kind and sizes whichever way it runs") {
    MeasuredOperation truncating = relu(4, 1, 1);
    truncating.operation.truncates = 1;
    truncating.operation.layer = 7;
    MeasuredOperation shaped = relu(4, 1, 1);  // as a program from a network has it
    shaped.operation.input = shaped.operation.output = {1, 2, 2};
    MeasuredOperation truncation = relu(4, 1, 1);
    truncation.operation.kind = SOTTO_OPERATION_TRUNCATION;
    const TrainingSet set =
        training_set({{{{"a", 1, {relu(4, 1, 1), truncating, shaped, truncation, relu(5, 1, 1)}}}}});
    CHECK(configurations(set) == std::vector<std::vector<std::uint32_t>>{{0, 0, 0, 1, 2}});
}

TEST_CASE("settings have the links of the measurements") {
    REQUIRE(find_setting("wan") != nullptr);
    CHECK(find_setting("wan")->link.bandwidth_mbps == 380);
    CHECK(find_setting("lan")->link.rtt_ms == 0.5);
    CHECK(std::isinf(find_setting("local")->link.bandwidth_mbps));
    CHECK(find_setting("LAN") == nullptr);
}

// baselines/noise_floor.csv, column n_cfg: counted elsewhere.
TEST_CASE("published measurements have as many configurations as counted elsewhere") {
    const std::string shared = SOTTO_SOURCE_DIRECTORY "/../shared/data/snni_public";
    if (!std::filesystem::exists(shared)) {
        SOTTO_SKIP("the measurements are not beside the project");
    }
    const TrainingSet set = training_set({import_published(shared, "wan")});
    const std::vector<std::vector<std::uint32_t>> numbers = configurations(set);
    std::map<std::string_view, std::set<std::uint32_t>> found;
    for (std::size_t n = 0; n < set.size(); ++n) {
        for (std::size_t p = 0; p < set[n].operations.size(); ++p) {
            found[layer_type(set[n].operations[p])].insert(numbers[n][p]);
        }
    }
    CHECK(found["fc"].size() == 35);
    CHECK(found["conv"].size() == 251);
    CHECK(found["maxpool"].size() == 102);
    CHECK(found["avgpool"].size() == 117);
    CHECK(found["relu"].size() == 157);
    CHECK(found["bn"].size() == 63);
    CHECK(found["trunc"].size() == 20);
}
