// SPDX-License-Identifier: Apache-2.0
#include "bench/nasbench201/measured_cells.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <set>

#include "engine/input/csv.hpp"

namespace sotto::nasbench201 {
namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 20U;
constexpr std::string_view expected_cell =
    "a cell like |nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|none~2|";

struct OperationName {
    std::string_view published;
    std::string_view own;
};
constexpr std::array<OperationName, 5> operations{{{"none", "none"},
                                                   {"skip_connect", "skip"},
                                                   {"nor_conv_1x1", "conv1x1"},
                                                   {"nor_conv_3x3", "conv3x3"},
                                                   {"avg_pool_3x3", "pool"}}};

std::string quoted(const std::string& text) {
    return '\'' + text + '\'';
}

// Takes `prefix` off the front of `text`.
bool skip(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) {
        return false;
    }
    text.remove_prefix(prefix.size());
    return true;
}

// The authors write a cell by the nodes that edges lead to, a genome by those that they come from.
std::optional<std::string> genome_of(std::string_view text) {
    std::array<std::array<std::string_view, 4>, 4> cell;
    for (std::size_t to = 1; to < 4; ++to) {
        if ((to > 1 && !skip(text, "+")) || !skip(text, "|")) {
            return std::nullopt;
        }
        for (std::size_t from = 0; from < to; ++from) {
            const std::string_view name = text.substr(0, text.find('~'));
            const auto known =
                std::find_if(operations.begin(), operations.end(),
                             [name](const OperationName& operation) { return operation.published == name; });
            if (known == operations.end()) {
                return std::nullopt;
            }
            text.remove_prefix(name.size());
            if (!skip(text, '~' + std::to_string(from) + '|')) {
                return std::nullopt;
            }
            cell[from][to] = known->own;
        }
    }
    if (!text.empty()) {
        return std::nullopt;
    }
    std::string genome;
    for (std::size_t from = 0; from < 4; ++from) {
        for (std::size_t to = from + 1; to < 4; ++to) {
            genome += (genome.empty() ? "edge" : " edge") + std::to_string(from) + std::to_string(to) + '=';
            genome += cell[from][to];
        }
    }
    return genome;
}

}  // namespace

MeasuredCells parse_measured_cells(std::string_view text, const std::string& file_name) {
    input::CsvReader reader(text, file_name);
    std::vector<input::CsvField> fields;
    if (!reader.next(fields)) {
        reader.fail(0, "no columns", "an empty file", "a line with their names");
    }
    MeasuredCells measured;
    std::optional<std::size_t> cell_column;
    std::vector<std::size_t> value_columns;
    for (std::size_t column = 0; column < fields.size(); ++column) {
        const std::string& name = fields[column].text;
        if (name == "arch_str") {
            cell_column = column;
        } else if (name != "index") {
            if (std::find(measured.columns.begin(), measured.columns.end(), name) != measured.columns.end()) {
                reader.fail(fields[column].column, "doubled column", quoted(name), "each name once");
            }
            measured.columns.push_back(name);
            value_columns.push_back(column);
        }
    }
    if (!cell_column || value_columns.empty()) {
        reader.fail(1, "missing column", std::to_string(fields.size()) + " columns",
                    "'arch_str' and columns of numbers");
    }
    const std::size_t columns = fields.size();
    std::set<std::string> known;
    while (reader.next(fields)) {
        if (fields.size() != columns) {
            reader.fail(1, "wrong number of fields", std::to_string(fields.size()), std::to_string(columns));
        }
        const input::CsvField& cell = fields[*cell_column];
        std::optional<std::string> genome = genome_of(cell.text);
        if (!genome) {
            reader.fail(cell.column, "no cell of NAS-Bench-201", quoted(cell.text), std::string(expected_cell));
        }
        if (!known.insert(*genome).second) {
            reader.fail(cell.column, "a cell that stands twice", quoted(cell.text), "each cell once");
        }
        MeasuredCell& row = measured.cells.emplace_back();
        row.genome = std::move(*genome);
        for (const std::size_t column : value_columns) {
            const std::string& field = fields[column].text;
            double value = 0;
            const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
            if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value)) {
                reader.fail(fields[column].column, "no number", quoted(field), "a finite number");
            }
            row.values.push_back(value);
        }
    }
    return measured;
}

MeasuredCells read_measured_cells(const std::string& path) {
    return parse_measured_cells(input::read_text_file(path, most_bytes, "table of measured cells"), path);
}

}  // namespace sotto::nasbench201
