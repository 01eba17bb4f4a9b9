// SPDX-License-Identifier: Apache-2.0
#include "bench/proxy_report/trained_networks.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <set>

#include "engine/input/csv.hpp"

namespace sotto::proxy_report {
namespace {

constexpr std::size_t most_bytes = std::size_t{256} << 20U;

std::string quoted(const std::string& text) {
    return '\'' + text + '\'';
}

/// Other names that begin so are the scores of proxies.
bool is_accuracy(std::string_view name) {
    if (name.starts_with("stage")) {
        name.remove_prefix(std::min(name.find('.'), name.size() - 1) + 1);
    }
    return name == "accuracy" || name == "accuracy.test" || name == "accuracy.validation" || name == "accuracy.table";
}

/// NaN for an empty field.
double number(const input::CsvReader& table, const input::CsvField& field) {
    if (field.text.empty()) {
        return std::nan("");
    }
    double value = 0;
    const char* const end = field.text.data() + field.text.size();
    const auto [stopped, error] = std::from_chars(field.text.data(), end, value);
    if (error != std::errc() || stopped != end || !std::isfinite(value)) {
        table.fail(field.column, "no accuracy", quoted(field.text), "a finite number, or nothing");
    }
    return value;
}

}  // namespace

TrainedNetworks parse_trained_networks(std::string_view text, const std::string& file_name) {
    input::CsvReader table(text, file_name);
    std::vector<input::CsvField> row;
    if (!table.next(row)) {
        table.fail(0, "no columns", "an empty file", "a line with their names");
    }
    const std::vector<input::CsvField> head = row;
    TrainedNetworks networks;
    std::optional<std::size_t> genome_column;
    std::vector<std::size_t> label_columns;
    std::set<std::string> known;
    for (std::size_t column = 0; column < head.size(); ++column) {
        const std::string& name = head[column].text;
        const bool is_label = is_accuracy(name);
        if ((is_label || name == "genome") && !known.insert(name).second) {
            table.fail(head[column].column, "doubled column", quoted(name), "each name once");
        }
        if (name == "genome") {
            genome_column = column;
        } else if (is_label) {
            label_columns.push_back(column);
            networks.labels.push_back({name, name, {}, {}});
        }
    }
    if (!genome_column || label_columns.empty()) {
        table.fail(
            1, "missing column", std::to_string(head.size()) + " columns",
            "'genome' and accuracies: 'accuracy', 'accuracy.test', 'accuracy.validation', 'accuracy.table', or one "
            "of these of a stage ('stage2.accuracy.test')");
    }
    while (table.next(row)) {
        if (row.size() != head.size()) {
            table.fail(1, "wrong number of fields", std::to_string(row.size()), std::to_string(head.size()));
        }
        const input::CsvField& genome = row[*genome_column];
        if (genome.text.find_first_not_of(" \t") == std::string::npos ||
            genome.text.find_first_of("#\r\n") != std::string::npos) {
            table.fail(genome.column, "no genome", quoted(genome.text), "'choice=value ...' on one line");
        }
        networks.genomes.push_back(genome.text);
        for (std::size_t label = 0; label < label_columns.size(); ++label) {
            networks.labels[label].values.push_back(number(table, row[label_columns[label]]));
        }
    }
    if (networks.genomes.empty()) {
        table.fail(0, "no networks", "a head alone", "a row for each network");
    }
    return networks;
}

TrainedNetworks read_trained_networks(const std::string& path) {
    return parse_trained_networks(input::read_text_file(path, most_bytes, "a table of trained networks"), path);
}

}  // namespace sotto::proxy_report
