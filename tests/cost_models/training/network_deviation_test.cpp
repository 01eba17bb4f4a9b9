// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/network_deviation.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/cost_models/training/planted_trainers.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::training;

namespace {

const TrainingOptions options{settings()[1], 1, {}};
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr double tenth_of_normal = 1.6449;

sotto_operation operation(std::int32_t kind, std::int64_t elements) {
    sotto_operation result{};
    result.struct_size = sizeof result;
    result.kind = kind;
    result.elements = elements;
    return result;
}

// Network i: two ReLUs of 1000 (i + 1) elements, the client slower.
TrainingSet networks(std::size_t count) {
    TrainingSet set;
    for (std::size_t i = 0; i < count; ++i) {
        const sotto_operation relu = operation(SOTTO_OPERATION_RELU, static_cast<std::int64_t>(1000 * (i + 1)));
        MeasuredNetwork& network = set.emplace_back();
        network.name = "network" + std::to_string(i);
        network.operations = {relu, relu};
        network.runs.assign(10, {{50, 10}, {50, 10}});
    }
    return set;
}

void hide(MeasuredNetwork& network) {
    for (std::vector<RoleTimes>& run : network.runs) {
        run.assign(run.size(), {unknown, unknown});
    }
}

}  // namespace

TEST_CASE(
    "the deviation is that of a normal distribution which exceeds the error that a tenth of the networks exceed") {
    // The measured times of network i are i + 1 percent above what is predicted; the server's, which are shorter, do
    // not count. Of 1 to 11 percent the quantile of 0.9 is 10.
    const test::FunctionTrainer trainer([](const TrainingSet&) {
        return [](const sotto_operation& operation) {
            const double percent = static_cast<double>(operation.elements) / 1000;
            return RoleTimes{50 / (1 + percent / 100), 1000};
        };
    });
    CHECK(network_deviation(networks(11), trainer, options) == Approx(0.10 / tenth_of_normal));
    CHECK(trainer.trainings == 4);
}

TEST_CASE("a network is predicted by a model that has not seen its times and has seen three quarters of the others") {
    std::multiset<std::size_t> seen_by_each;
    const test::FunctionTrainer trainer([&](const TrainingSet& set) {
        std::set<std::int64_t> seen;
        for (const MeasuredNetwork& network : set) {
            if (network.runs[0][0].client_ms == 50) {
                seen.insert(network.operations[0].elements);
            }
        }
        seen_by_each.insert(seen.size());
        // Right on what it has seen, a fifth too low on all else.
        return [seen](const sotto_operation& operation) {
            return RoleTimes{seen.contains(operation.elements) ? 50.0 : 40.0, 10};
        };
    });
    CHECK(network_deviation(networks(20), trainer, options) == Approx(0.25 / tenth_of_normal));
    CHECK(seen_by_each == std::multiset<std::size_t>{15, 15, 15, 15});
}

TEST_CASE("what was held out before is in no error") {
    TrainingSet set = networks(12);
    hide(set[4]);
    const test::FunctionTrainer trainer([](const TrainingSet&) {
        return [](const sotto_operation& operation) {
            const double percent = static_cast<double>(operation.elements) / 1000;
            return RoleTimes{50 / (1 + percent / 100), 10};
        };
    });
    // 1 to 12 percent without the 5: rank 9 of 0 to 10 is 11.
    CHECK(network_deviation(set, trainer, options) == Approx(0.11 / tenth_of_normal));
}

TEST_CASE("operations that the models do not know are in neither total") {
    TrainingSet set = networks(11);
    set[3].operations[1] = operation(SOTTO_OPERATION_AVERAGE_POOL, 1000);
    const test::FunctionTrainer trainer([](const TrainingSet&) {
        return [](const sotto_operation& operation) -> RoleTimes {
            if (operation.kind == SOTTO_OPERATION_AVERAGE_POOL) {
                throw std::domain_error("average pools were not measured");
            }
            return {40, 10};
        };
    });
    CHECK(network_deviation(set, trainer, options) == Approx(0.25 / tenth_of_normal));
}

TEST_CASE("fewer than three networks with times do not tell") {
    const test::FunctionTrainer trainer([](const TrainingSet&) {
        return [](const sotto_operation&) { return RoleTimes{50, 10}; };
    });
    CHECK(std::isnan(network_deviation(networks(2), trainer, options)));
    TrainingSet set = networks(3);
    CHECK(network_deviation(set, trainer, options) == 0);
    hide(set[0]);
    CHECK(std::isnan(network_deviation(set, trainer, options)));
    CHECK(trainer.trainings == 3);
}
