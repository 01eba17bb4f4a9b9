// SPDX-License-Identifier: Apache-2.0
#include "bench/nasbench201/trained_cells.hpp"

#include <array>
#include <cstddef>
#include <set>

#include "engine/input/csv.hpp"
#include "engine/input/yaml_document.hpp"

namespace sotto::nasbench201 {
namespace {

constexpr std::size_t most_bytes = std::size_t{16} << 20U;

constexpr std::array<std::string_view, 5> operations = {"skip", "none", "conv3x3", "conv1x1", "pool"};
constexpr std::array<std::string_view, 6> edges = {"edge01", "edge02", "edge03", "edge12", "edge13", "edge23"};

std::string genome_of(const input::YamlValue& cell) {
    const std::vector<input::YamlValue> numbers = cell.items("arch");
    if (numbers.size() != edges.size()) {
        throw input::InputError({cell.location(),
                                 "wrong number of edges",
                                 std::to_string(numbers.size()),
                                 std::to_string(edges.size()),
                                 {}});
    }
    std::string genome;
    for (std::size_t edge = 0; edge < edges.size(); ++edge) {
        const std::int64_t operation = numbers[edge].as_integer("arch", 0, operations.size() - 1);
        genome += edge == 0 ? "" : " ";
        genome += edges[edge];
        genome += '=';
        genome += operations[static_cast<std::size_t>(operation)];
    }
    return genome;
}

}  // namespace

std::vector<TrainedCell> parse_trained_cells(const std::string& text, const std::string& file_name) {
    std::vector<TrainedCell> cells;
    std::set<std::string> known;
    for (const input::YamlValue& item : input::parse_yaml(text, file_name).items("trained cells")) {
        constexpr std::array<std::string_view, 2> keys = {"arch", "accuracy"};
        item.only_keys("a trained cell", keys);
        const input::YamlValue cell = item.require("a trained cell", "arch");
        TrainedCell& read = cells.emplace_back();
        read.genome = genome_of(cell);
        read.accuracy = item.require("a trained cell", "accuracy").as_number("accuracy", 0, 100);
        if (!known.insert(read.genome).second) {
            throw input::InputError({cell.location(), "a cell that stands twice", read.genome, "each cell once", {}});
        }
    }
    return cells;
}

std::vector<TrainedCell> read_trained_cells(const std::string& path) {
    return parse_trained_cells(input::read_text_file(path, most_bytes, "a list of trained cells"), path);
}

}  // namespace sotto::nasbench201
