// SPDX-License-Identifier: Apache-2.0
//
// How much of the true front each search strategy finds on NAS-Bench-201, whose accuracies are measured:
//
//     nasbench201_front MEASUREMENTS.csv [COLUMN [SEEDS]]      (cifar10-test, 11)
//
// Objectives: measured accuracy, and the latency that `protocol` predicts in a local area network. The true front comes
// from all 15,625 cells. An evaluation is a distinct network: genomes that give one seen before are told to the
// strategy and not counted, as nas-run never evaluates a network twice. The hypervolume is bounded by the worst latency
// and the worst accuracy of all networks, and given as its ratio to that of the true front. Medians over seeds 1, 2,
// ...
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "bench/nasbench201/networks.hpp"
#include "cost_models/protocol/protocol_plugin.hpp"
#include "engine/input/input_error.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/secure/lowering.hpp"
#include "search/pareto/archive.hpp"
#include "search/pareto/pareto.hpp"
#include "search/strategy/strategy.hpp"

namespace {

using namespace sotto;
using nasbench201::MeasuredNetwork;
using nasbench201::MeasuredNetworks;

constexpr std::array<std::size_t, 3> budgets{500, 1000, 2000};  // ascending
constexpr std::size_t population = 100;
using Point = std::array<double, 2>;  // milliseconds, accuracy negated: both are to be minimised

std::vector<double> latencies(const search::Space& space, const std::vector<MeasuredNetwork>& networks) {
    plugin::Registry registry{{}};
    registry.add_built_in(protocol::protocol_plugin_entry(), "protocol");
    const auto model = registry.create(plugin::Kind::cost_model, "protocol", {{"setting", "lan"}});
    const std::vector<plugin::Metric>& metrics = model->describe().metrics;
    const auto total = std::find_if(metrics.begin(), metrics.end(),
                                    [](const auto& metric) { return metric.name == "latency.total_ms"; });
    search::Space::Decoder decoder(space);
    search::Rejection rejection;
    secure::Lowering lowering;
    secure::SecureProgram program;
    plugin::CandidateView view;
    const std::array<const plugin::CandidateView*, 1> candidate{&view};
    std::array<plugin::Score, 1> score;
    std::vector<double> result;
    for (const MeasuredNetwork& network : networks) {
        if (const auto unsupported = lowering.lower(*decoder.decode(network.genome, rejection), program)) {
            throw std::runtime_error(space.to_text(network.genome) + ": " + unsupported->reason);
        }
        view.set(1, nullptr, &program);
        model->evaluate(candidate, score);
        if (score[0].status != plugin::Score::Status::ok) {
            throw std::runtime_error(space.to_text(network.genome) + ": " + score[0].reason);
        }
        result.push_back(score[0].metrics[static_cast<std::size_t>(total - metrics.begin())]);
    }
    return result;
}

// Every network with its point, and the true front.
struct Truth {
    std::vector<Point> points;
    std::vector<bool> is_on_front;
    std::size_t front_size = 0;
    Point reference{};
    double hypervolume = 0;
};

Truth truth_of(std::vector<Point> points) {
    Truth truth;
    truth.points = std::move(points);
    pareto::Archive archive(2);
    truth.reference = truth.points.front();
    for (std::size_t i = 0; i < truth.points.size(); ++i) {
        archive.add(i, truth.points[i]);
        for (std::size_t k = 0; k < 2; ++k) {
            truth.reference[k] = std::max(truth.reference[k], truth.points[i][k]);
        }
    }
    // The archive keeps one of equal points; here all of them are on the front.
    for (const Point& point : truth.points) {
        bool is_member = false;
        for (std::size_t k = 0; k < archive.size() && !is_member; ++k) {
            is_member = std::equal(point.begin(), point.end(), archive[k].objectives.begin());
        }
        truth.is_on_front.push_back(is_member);
        truth.front_size += is_member ? 1 : 0;
    }
    truth.hypervolume = archive.hypervolume(truth.reference);
    return truth;
}

struct Progress {
    double asked = 0;  // genomes, those included that gave a known network
    double front_share = 0;
    double hypervolume_ratio = 0;
};

// What a search has achieved at each budget. Where the space is exhausted before one, what it had then.
std::array<Progress, budgets.size()> search_once(std::string_view strategy_name, std::uint64_t seed,
                                                 const search::Space& space, const MeasuredNetworks& networks,
                                                 const Truth& truth) {
    search::StrategyOptions options;
    options.objectives = 2;
    options.population = population;
    options.seed = seed;
    options.initial = {space.baseline().value()};
    const std::unique_ptr<search::Strategy> strategy = search::make_strategy(strategy_name, space, options);

    std::array<Progress, budgets.size()> progress;
    std::size_t reached = 0;  // budgets
    std::size_t asked = 0;
    std::size_t evaluated = 0;
    std::size_t on_front = 0;
    std::vector<bool> is_known(networks.networks.size());
    pareto::Archive archive(2);
    const auto note = [&] {
        progress[reached] = {static_cast<double>(asked),
                             static_cast<double>(on_front) / static_cast<double>(truth.front_size),
                             archive.hypervolume(truth.reference) / truth.hypervolume};
        ++reached;
    };
    std::vector<search::Outcome> outcomes;
    while (reached < budgets.size()) {
        const std::span<const search::Genome> genomes = strategy->ask(population);
        if (genomes.empty()) {
            while (reached < budgets.size()) {
                note();
            }
            break;
        }
        outcomes.clear();
        for (const search::Genome& genome : genomes) {
            const std::size_t network = networks.of_genome.at(genome);
            const Point& point = truth.points[network];
            ++asked;
            if (!is_known[network]) {
                is_known[network] = true;
                ++evaluated;
                on_front += truth.is_on_front[network] ? 1 : 0;
                archive.add(network, point);
                if (reached < budgets.size() && evaluated == budgets[reached]) {
                    note();
                }
            }
            search::Outcome& outcome = outcomes.emplace_back();
            outcome.evaluated = true;
            std::copy(point.begin(), point.end(), outcome.objectives.begin());
        }
        strategy->tell(outcomes);
    }
    return progress;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

template <typename Member>
double median_of(const std::vector<std::array<Progress, budgets.size()>>& runs, std::size_t budget, Member member) {
    std::vector<double> values;
    values.reserve(runs.size());
    for (const auto& run : runs) {
        values.push_back(run[budget].*member);
    }
    return median(std::move(values));
}

void compare(const char* path, const std::string& column, std::uint64_t seeds) {
    const search::Space space = search::Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/nasbench201_space.yaml");
    const nasbench201::MeasuredCells measured = nasbench201::read_measured_cells(path);
    const auto found = std::find(measured.columns.begin(), measured.columns.end(), column);
    if (found == measured.columns.end()) {
        std::vector<std::string_view> names(measured.columns.begin(), measured.columns.end());
        throw input::InputError({{path, 1, 0},
                                 "no such column",
                                 '\'' + column + '\'',
                                 input::list_names(names),
                                 std::string(input::nearest_name(column, names))});
    }
    constexpr std::size_t all_cells = 15'625;
    if (measured.cells.size() != all_cells) {
        throw input::InputError({{path, 0, 0},
                                 "the true front needs every cell",
                                 std::to_string(measured.cells.size()) + " cells",
                                 std::to_string(all_cells),
                                 {}});
    }
    const auto which = static_cast<std::size_t>(found - measured.columns.begin());
    const MeasuredNetworks networks = nasbench201::measured_networks(space, measured);
    const std::vector<double> total_ms = latencies(space, networks.networks);
    std::vector<Point> points;
    for (std::size_t i = 0; i < total_ms.size(); ++i) {
        points.push_back({total_ms[i], -networks.networks[i].values[which]});
    }
    const Truth truth = truth_of(std::move(points));

    std::printf("%zu cells, %zu of them without a network, %zu networks, %zu on the true front\n\n",
                measured.cells.size(), networks.cells_without_network, networks.networks.size(), truth.front_size);
    std::vector<std::size_t> front;
    for (std::size_t i = 0; i < truth.points.size(); ++i) {
        if (truth.is_on_front[i]) {
            front.push_back(i);
        }
    }
    std::sort(front.begin(), front.end(),
              [&](std::size_t a, std::size_t b) { return truth.points[a] < truth.points[b]; });
    std::printf("%9s %12s  cell\n", "total s", column.c_str());
    const auto print_row = [&](std::size_t network, const search::Genome& genome) {
        std::printf("%9.3f %12.3f  %s\n", truth.points[network][0] / 1000, -truth.points[network][1],
                    space.to_text(genome).c_str());
    };
    for (const std::size_t network : front) {
        print_row(network, networks.networks[network].genome);
    }
    std::puts("baseline");
    print_row(networks.of_genome.at(space.baseline().value()), space.baseline().value());

    std::printf("\n%llu seeds, population %zu; medians\n%-12s %11s %8s %12s %12s\n",
                static_cast<unsigned long long>(seeds), population, "strategy", "evaluations", "asked", "front found",
                "hypervolume");
    for (const std::string_view name : search::strategy_names()) {
        std::vector<std::array<Progress, budgets.size()>> runs;
        for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
            runs.push_back(search_once(name, seed, space, networks, truth));
        }
        for (std::size_t budget = 0; budget < budgets.size(); ++budget) {
            std::printf("%-12s %11zu %8.0f %10.1f %% %12.5f\n", budget == 0 ? std::string(name).c_str() : "",
                        budgets[budget], median_of(runs, budget, &Progress::asked),
                        100 * median_of(runs, budget, &Progress::front_share),
                        median_of(runs, budget, &Progress::hypervolume_ratio));
        }
    }
}

}  // namespace

int main(int argument_count, char** arguments) {
    std::uint64_t seeds = 11;
    if (argument_count == 4) {
        const char* const end = arguments[3] + std::strlen(arguments[3]);
        const auto [stopped, error] = std::from_chars(arguments[3], end, seeds);
        if (error != std::errc() || stopped != end || seeds < 1 || seeds > 10'000) {
            argument_count = 0;
        }
    }
    if (argument_count < 2 || argument_count > 4) {
        std::fputs("usage: nasbench201_front MEASUREMENTS.csv [COLUMN [SEEDS]]\n", stderr);
        return 2;
    }
    try {
        compare(arguments[1], argument_count > 2 ? arguments[2] : "cifar10-test", seeds);
    } catch (const input::InputError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "nasbench201_front: %s\n", error.what());
        return 1;
    }
    return 0;
}
