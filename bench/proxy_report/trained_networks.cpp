// SPDX-License-Identifier: Apache-2.0
#include "bench/proxy_report/trained_networks.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>

#include "engine/input/csv.hpp"

namespace sotto::proxy_report {
namespace {

constexpr std::size_t most_bytes = std::size_t{256} << 20U;

std::string quoted(const std::string& text) {
    return '\'' + text + '\'';
}

double number(const input::CsvReader& table, const input::CsvField& field) {
    double value = 0;
    const char* const end = field.text.data() + field.text.size();
    const auto [stopped, error] = std::from_chars(field.text.data(), end, value);
    if (error != std::errc() || stopped != end || !std::isfinite(value)) {
        table.fail(field.column, "no accuracy", quoted(field.text), "a finite number");
    }
    return value;
}

}  // namespace

std::vector<LabelColumn> parse_trained_networks(std::string_view text, const std::string& file_name) {
    input::CsvReader table(text, file_name);
    std::vector<input::CsvField> row;
    if (!table.next(row)) {
        table.fail(0, "no columns", "an empty file", "a line with their names");
    }
    const std::size_t columns = row.size();
    std::vector<LabelColumn> labels;
    std::vector<std::size_t> places;
    for (std::size_t column = 0; column < columns; ++column) {
        const std::string& name = row[column].text;
        if (!name.starts_with("accuracy")) {
            continue;
        }
        if (std::any_of(labels.begin(), labels.end(), [&name](const LabelColumn& label) { return label.id == name; })) {
            table.fail(row[column].column, "doubled column", quoted(name), "each name once");
        }
        places.push_back(column);
        labels.push_back({name, name, {}, {}});
    }
    if (labels.empty()) {
        table.fail(1, "missing column", std::to_string(columns) + " columns",
                   "'genome' and one or more that begin with 'accuracy'");
    }
    while (table.next(row)) {
        if (row.size() != columns) {
            table.fail(1, "wrong number of fields", std::to_string(row.size()), std::to_string(columns));
        }
        for (std::size_t label = 0; label < labels.size(); ++label) {
            labels[label].values.push_back(number(table, row[places[label]]));
        }
    }
    if (labels.front().values.empty()) {
        table.fail(0, "no networks", "a head alone", "a row for each network");
    }
    return labels;
}

std::vector<LabelColumn> read_trained_networks(const std::string& path) {
    return parse_trained_networks(input::read_text_file(path, most_bytes, "a table of trained networks"), path);
}

}  // namespace sotto::proxy_report
