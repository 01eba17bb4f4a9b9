// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <stdexcept>

#include "cost_models/learned/observations.hpp"
#include "tests/cost_models/learned/sample_programs.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::learned;
using training::RoleTimes;

namespace {

// Times by a law that the physical part can express.
PhysicalTimes law() {
    PhysicalTimes times;
    for (std::size_t type = 0; type < layer_type_count; ++type) {
        times.set_known(static_cast<LayerType>(type));
    }
    for (const training::Role role : {training::Role::client, training::Role::server}) {
        const double slower = role == training::Role::client ? 1.5 : 1;
        PhysicalTimes::Role& one = times.of(role);
        one.own[static_cast<std::size_t>(LayerType::conv)] = {10 * slower, 3 * slower, 1.5, 0.04, 0.3};
        one.own[static_cast<std::size_t>(LayerType::relu)] = {5, 0, 1e-3, 2e-4};
        one.own[static_cast<std::size_t>(LayerType::maxpool)] = {4, 0, 2e-3, 1e-5};
        one.own[static_cast<std::size_t>(LayerType::avgpool)] = {6, 0, 3e-3, 1e-5};
        one.own[static_cast<std::size_t>(LayerType::bn)] = {3, 2 * slower};
        one.own[static_cast<std::size_t>(LayerType::trunc)] = {2, 0, 5e-4};
        one.own[static_cast<std::size_t>(LayerType::fc)] = {4, 1 * slower, 1.2, 0.3};
        one.wait = {300, 0, 0.9, 0, 0, 0};
    }
    return times;
}

training::TrainingSet measured(std::size_t runs, std::size_t count = 20) {
    const PhysicalTimes times = law();
    return sample::training_set(
        sample::programs(3, count), runs, [&](const std::vector<sotto_operation>& program, std::size_t i) {
            const std::vector<Workload> work = workloads(sample::engine(), program);
            const BothRoles own = times.own_ms(work[i]);
            const BothRoles wait = times.wait_ms(work[i], i > 0 ? times.own_ms(work[i - 1]) : BothRoles{});
            return RoleTimes{own[0] + wait[0], own[1] + wait[1]};
        });
}

double worst_error(const PhysicalTimes& fitted, const Observations& observations) {
    double worst = 0;
    for (const std::vector<Observation>& network : observations) {
        BothRoles previous{};
        for (const Observation& one : network) {
            const BothRoles own = fitted.own_ms(one.work);
            const BothRoles wait = fitted.wait_ms(one.work, previous);
            for (std::size_t role = 0; role < own.size(); ++role) {
                worst = std::max(worst, std::abs((own[role] + wait[role]) / one.time_ms[role] - 1));
            }
            previous = own;
        }
    }
    return worst;
}

}  // namespace

TEST_CASE("the physical fit finds the law that made the times") {
    const Observations observations = observe(sample::engine(), measured(10));
    const PhysicalTimes fitted = fit_physical_times(observations);
    CHECK(worst_error(fitted, observations) < 0.02);
    CHECK(fitted.of(training::Role::server).wait[0] == Approx(300).epsilon(0.02));
    CHECK(fitted.of(training::Role::server).wait[2] == Approx(0.9).epsilon(0.05));
}

TEST_CASE("single times that are far off do not move the physical fit") {
    training::TrainingSet set = measured(10);
    set[0].runs = {10, set[0].runs.front()};
    for (std::vector<RoleTimes>& run : set[0].runs) {
        run[1].client_ms *= 20;
        run[1].server_ms *= 20;
    }
    const PhysicalTimes fitted = fit_physical_times(observe(sample::engine(), set));
    CHECK(worst_error(fitted, observe(sample::engine(), measured(10))) < 0.03);
}

TEST_CASE("held-out times are in no statistic") {
    training::TrainingSet set = measured(10);
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    for (std::vector<RoleTimes>& run : set[4].runs) {
        run.assign(run.size(), {unknown, unknown});
    }
    const Observations observations = observe(sample::engine(), set);
    for (const Observation& one : observations[4]) {
        CHECK(one.weight == 0);
    }
    // The same with the network's times replaced by others and held out as well: equal to the last bit.
    training::TrainingSet other = measured(10);
    for (std::vector<RoleTimes>& run : other[4].runs) {
        run.assign(run.size(), {1e6, 1e6});
    }
    for (std::vector<RoleTimes>& run : other[4].runs) {
        run.assign(run.size(), {unknown, unknown});
    }
    const PhysicalTimes left = fit_physical_times(observations);
    const PhysicalTimes right = fit_physical_times(observe(sample::engine(), other));
    for (const training::Role role : {training::Role::client, training::Role::server}) {
        CHECK(left.of(role).own == right.of(role).own);
        CHECK(left.of(role).wait == right.of(role).wait);
        for (const double coefficient : left.of(role).wait) {
            CHECK(std::isfinite(coefficient));
        }
    }
}

TEST_CASE("a set without times is refused") {
    training::TrainingSet set = measured(2, 2);
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    for (training::MeasuredNetwork& network : set) {
        for (std::vector<RoleTimes>& run : network.runs) {
            run.assign(run.size(), {unknown, unknown});
        }
    }
    CHECK_THROWS_AS(observe(sample::engine(), set), std::invalid_argument);
}
