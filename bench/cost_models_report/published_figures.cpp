// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_models_report/published_figures.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/input/csv.hpp"

namespace sotto::report {
namespace {

using training::Role;

// One row, its values by the names of their columns.
class Record {
  public:
    Record(const input::CsvReader& csv, const std::map<std::string, std::size_t>& columns,
           const std::vector<input::CsvField>& fields)
        : csv_(csv), columns_(columns), fields_(fields) {}

    const std::string& text(const std::string& column) const { return field(column).text; }

    double number(const std::string& column) const {
        const input::CsvField& cell = field(column);
        double value = 0;
        const char* const end = cell.text.data() + cell.text.size();
        const auto [stop, error] = std::from_chars(cell.text.data(), end, value);
        if (error != std::errc{} || stop != end) {
            csv_.fail(cell.column, column + " is not valid", '\'' + cell.text + '\'', "a number");
        }
        return value;
    }

    std::string setting() const {
        std::string name = text("setting");
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return name;
    }

    Role role() const {
        for (const Role role : training::roles) {
            if (text("role") == role_name(role)) {
                return role;
            }
        }
        csv_.fail(field("role").column, "unknown role", '\'' + text("role") + '\'', "'client' or 'server'");
    }

  private:
    const input::CsvField& field(const std::string& column) const {
        const auto found = columns_.find(column);
        if (found == columns_.end()) {
            throw input::InputError({{csv_.file(), 1, 1}, "the header lacks a column", {}, '\'' + column + '\'', {}});
        }
        return fields_[found->second];
    }

    const input::CsvReader& csv_;
    const std::map<std::string, std::size_t>& columns_;
    const std::vector<input::CsvField>& fields_;
};

void for_each_record(const std::string& path, const std::function<void(const Record&)>& take) {
    const std::string text = input::read_text_file(path, std::size_t{16} << 20U, "a table of published figures");
    input::CsvReader csv(text, path);
    std::vector<input::CsvField> fields;
    if (!csv.next(fields)) {
        csv.fail(1, "the file is empty", {}, "a header row");
    }
    std::map<std::string, std::size_t> columns;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        columns[fields[i].text] = i;
    }
    const std::size_t width = fields.size();
    while (csv.next(fields)) {
        if (fields.size() != width) {
            csv.fail(1, "wrong number of fields", std::to_string(fields.size()), std::to_string(width));
        }
        take(Record(csv, columns, fields));
    }
}

}  // namespace

PublishedFigures read_published_figures(const std::string& directory) {
    PublishedFigures figures;
    for_each_record(directory + "/reference/per_layer.csv", [&](const Record& record) {
        figures.layers[{record.setting(), record.text("layer"), record.role()}][record.text("method")] = {
            record.number("r2"), record.number("mae_ms")};
    });
    for_each_record(directory + "/reference/whole_network.csv", [&](const Record& record) {
        const std::string& network = record.text("network");
        figures.networks[{record.setting(), network == "squeezenet" ? "sqnet" : network, record.role()}]
                        [record.text("method")] = {record.number("abs_error_percent"), record.number("prediction_ms")};
    });
    for_each_record(directory + "/data/snni_public/baselines/noise_floor.csv", [&](const Record& record) {
        figures.limits[{record.setting(), record.text("layer"), record.role()}] = {record.number("slot_R2"),
                                                                                   record.number("slot_MAEmed")};
    });
    return figures;
}

}  // namespace sotto::report
