// SPDX-License-Identifier: Apache-2.0
// Ranking and measuring sets of points. Arguments: points, objectives. `cloud` is uniform in the unit cube (many
// fronts), `front` lies on the simplex (no point dominates another).
#include <numeric>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/random/random.hpp"
#include "search/pareto/archive.hpp"
#include "search/pareto/pareto.hpp"

namespace {

using namespace sotto;

std::vector<double> cloud(std::size_t count, std::size_t objectives) {
    random::Stream stream(1, 0, 0, random::Purpose::test);
    std::vector<double> values(count * objectives);
    for (double& value : values) {
        value = stream.unit();
    }
    return values;
}

std::vector<double> front(std::size_t count, std::size_t objectives) {
    std::vector<double> values = cloud(count, objectives);
    for (std::size_t i = 0; i < values.size(); i += objectives) {
        double sum = 0;
        for (std::size_t k = 0; k < objectives; ++k) {
            sum += values[i + k];
        }
        for (std::size_t k = 0; k < objectives; ++k) {
            values[i + k] /= sum;
        }
    }
    return values;
}

using Make = std::vector<double> (*)(std::size_t, std::size_t);

void sort(benchmark::State& state, Make make) {
    const auto objectives = static_cast<std::size_t>(state.range(1));
    const std::vector<double> values = make(static_cast<std::size_t>(state.range(0)), objectives);
    std::vector<std::uint32_t> rank;
    for ([[maybe_unused]] auto _ : state) {
        pareto::non_dominated_sort({values, objectives}, rank);
        benchmark::DoNotOptimize(rank.data());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void crowding(benchmark::State& state) {
    const auto objectives = static_cast<std::size_t>(state.range(1));
    const std::vector<double> values = front(static_cast<std::size_t>(state.range(0)), objectives);
    std::vector<std::size_t> members(static_cast<std::size_t>(state.range(0)));
    std::iota(members.begin(), members.end(), std::size_t{0});
    std::vector<double> distance;
    for ([[maybe_unused]] auto _ : state) {
        pareto::crowding_distance({values, objectives}, members, distance);
        benchmark::DoNotOptimize(distance.data());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void hypervolume(benchmark::State& state, Make make) {
    const auto objectives = static_cast<std::size_t>(state.range(1));
    const std::vector<double> values = make(static_cast<std::size_t>(state.range(0)), objectives);
    const std::vector<double> reference(objectives, 1.1);
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(pareto::hypervolume({values, objectives}, reference));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void archive(benchmark::State& state, Make make) {
    const auto objectives = static_cast<std::size_t>(state.range(1));
    const std::vector<double> values = make(static_cast<std::size_t>(state.range(0)), objectives);
    const pareto::Points points{values, objectives};
    std::size_t members = 0;
    for ([[maybe_unused]] auto _ : state) {
        pareto::Archive archive(objectives);
        for (std::size_t i = 0; i < points.count(); ++i) {
            archive.add(i, points[i]);
        }
        members = archive.size();
    }
    state.counters["members"] = static_cast<double>(members);
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void sizes(benchmark::internal::Benchmark* benchmark) {
    benchmark->ArgsProduct({{200, 2'000, 20'000}, {2, 3}})->Unit(benchmark::kMicrosecond);
}

void sort_sizes(benchmark::internal::Benchmark* benchmark) {
    benchmark->ArgsProduct({{200, 2'000, 20'000}, {2, 3, 4}})->Unit(benchmark::kMicrosecond);
}

BENCHMARK_CAPTURE(sort, cloud, cloud)->Apply(sort_sizes);
BENCHMARK_CAPTURE(sort, front, front)->Apply(sort_sizes);
BENCHMARK(crowding)->Apply(sizes);
BENCHMARK_CAPTURE(hypervolume, cloud, cloud)->Apply(sizes);
BENCHMARK_CAPTURE(hypervolume, front, front)->Apply(sizes);
BENCHMARK_CAPTURE(hypervolume, four, front)->ArgsProduct({{100, 300, 1'000}, {4}})->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(archive, cloud, cloud)->Apply(sizes);
BENCHMARK_CAPTURE(archive, front, front)->Apply(sizes);

}  // namespace
