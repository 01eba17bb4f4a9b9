// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/training_set.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include "cost_models/training/operation_columns.hpp"

namespace sotto::training {
namespace {

void add_run(const Execution& execution, MeasuredNetwork& network) {
    const auto run = static_cast<std::uint32_t>(network.runs.size());
    std::vector<RoleTimes>& times = network.runs.emplace_back();
    for (const MeasuredOperation& row : execution.operations) {
        const auto position = static_cast<std::uint32_t>(times.size());
        RoleTimes& time = times.emplace_back(RoleTimes{row.client_ms, row.server_ms});
        for (const Role role : roles) {
            if (time.of(role) == 0) {
                time.of(role) = std::numeric_limits<double>::quiet_NaN();
                network.unresolved.insert({run, position, role});
            }
        }
    }
}

}  // namespace

std::string_view role_name(Role role) {
    return role == Role::client ? "client" : "server";
}

TrainingSet training_set(const std::vector<MeasurementTable>& tables) {
    TrainingSet set;
    std::map<std::string, std::size_t> places;
    std::set<std::pair<std::string, std::int64_t>> runs;
    for (const MeasurementTable& table : tables) {
        for (const Execution& execution : table.executions) {
            const auto [place, is_new] = places.try_emplace(execution.network, set.size());
            if (is_new) {
                MeasuredNetwork& network = set.emplace_back();
                network.name = execution.network;
                for (const MeasuredOperation& row : execution.operations) {
                    network.operations.push_back(row.operation);
                }
            }
            MeasuredNetwork& network = set[place->second];
            if (!std::equal(network.operations.begin(), network.operations.end(), execution.operations.begin(),
                            execution.operations.end(),
                            [](const sotto_operation& first, const MeasuredOperation& second) {
                                return is_same(first, second.operation);
                            })) {
                throw std::invalid_argument("the operations of network '" + network.name + "' differ between its runs");
            }
            if (!runs.emplace(execution.network, execution.run).second) {
                throw std::invalid_argument("run " + std::to_string(execution.run) + " of network '" + network.name +
                                            "' stands twice");
            }
            add_run(execution, network);
        }
    }
    return set;
}

std::size_t timed_operations(const TrainingSet& set, Role role) {
    std::size_t count = 0;
    for (const MeasuredNetwork& network : set) {
        for (std::size_t position = 0; position < network.operations.size(); ++position) {
            const bool is_timed = std::any_of(network.runs.begin(), network.runs.end(),
                                              [&](const auto& run) { return !std::isnan(run[position].of(role)); });
            count += is_timed ? 1 : 0;
        }
    }
    return count;
}

void require_times_of_both_roles(const TrainingSet& set) {
    for (const Role role : roles) {
        if (timed_operations(set, role) == 0) {
            throw std::invalid_argument("found no time above 0 ms of the " + std::string(role_name(role)) +
                                        " to train on, expected operations with times of both roles");
        }
    }
}

std::string_view layer_type(const sotto_operation& operation) {
    return operation_name(operation.kind);
}

std::vector<std::vector<std::uint32_t>> configurations(const TrainingSet& set) {
    using Key = std::array<std::int64_t, size_columns.size() + 2>;
    std::map<Key, std::uint32_t> known;
    std::vector<std::vector<std::uint32_t>> numbers;
    numbers.reserve(set.size());
    for (const MeasuredNetwork& network : set) {
        std::vector<std::uint32_t>& row = numbers.emplace_back();
        for (const sotto_operation& operation : network.operations) {
            Key key{operation.kind, operation.elements};
            for (std::size_t i = 0; i < size_columns.size(); ++i) {
                // A shape that stands for elements alone, as a program from a network has it, tells no more than them.
                key[i + 2] = has_size(operation, size_columns[i].part) ? size_of(operation, i) : 0;
            }
            row.push_back(known.try_emplace(key, static_cast<std::uint32_t>(known.size())).first->second);
        }
    }
    return numbers;
}

}  // namespace sotto::training
