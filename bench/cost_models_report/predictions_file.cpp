// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_models_report/predictions_file.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <system_error>

#include "engine/input/csv.hpp"

namespace sotto::report {
namespace {

using training::RoleTimes;

constexpr std::string_view first_line = "sotto-predictions,2";
constexpr std::string_view no_deviation = "nan";

double finite_number(const input::CsvReader& csv, const input::CsvField& field) {
    double value = 0;
    const char* const end = field.text.data() + field.text.size();
    const auto [stop, error] = std::from_chars(field.text.data(), end, value);
    if (error != std::errc{} || stop != end || !std::isfinite(value)) {
        csv.fail(field.column, "no finite number", '\'' + field.text + '\'', "milliseconds");
    }
    return value;
}

std::size_t count(const input::CsvReader& csv, const input::CsvField& field) {
    std::size_t value = 0;
    const char* const end = field.text.data() + field.text.size();
    const auto [stop, error] = std::from_chars(field.text.data(), end, value);
    if (error != std::errc{} || stop != end) {
        csv.fail(field.column, "no count", '\'' + field.text + '\'', "operations of the program");
    }
    return value;
}

void put_number(std::string& text, double value) {
    std::array<char, 32> buffer;
    text.append(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr);
}

}  // namespace

Predictions parse_predictions(const std::string& text, const std::string& file_name) {
    input::CsvReader csv(text, file_name);
    std::vector<input::CsvField> fields;
    Predictions predictions;
    std::vector<RoleTimes>* current = nullptr;
    std::size_t missing = 0;
    bool has_end = false;
    for (bool is_first = true; csv.next(fields); is_first = false) {
        const bool is_whole = !is_first || (fields.size() == 2 && fields[0].text + ',' + fields[1].text == first_line);
        if (!is_whole || has_end) {
            csv.fail(1, "not a file of predictions", {}, {});
        }
        if (is_first) {
            continue;
        }
        if (fields.size() == 1 && fields[0].text == "end" && missing == 0) {
            has_end = true;
        } else if (fields.size() == 4 && fields[0].text == "program" && missing == 0) {
            const auto [program, is_new] = predictions.try_emplace(fields[1].text);
            if (!is_new) {
                csv.fail(fields[1].column, "a program stands twice", '\'' + fields[1].text + '\'', "each once");
            }
            current = &program->second.times;
            program->second.total_deviation_ms = fields[3].text == no_deviation
                                                     ? std::numeric_limits<double>::quiet_NaN()
                                                     : finite_number(csv, fields[3]);
            missing = count(csv, fields[2]);
        } else if (fields.size() == 2 && missing > 0) {
            current->push_back({finite_number(csv, fields[0]), finite_number(csv, fields[1])});
            --missing;
        } else {
            csv.fail(1, "not a line of predictions", {}, {});
        }
    }
    if (!has_end) {
        csv.fail(1, "the file is cut short", {}, "'end'");
    }
    return predictions;
}

std::string to_text(const Predictions& predictions) {
    std::string text(first_line);
    text += '\n';
    for (const auto& [hash, prediction] : predictions) {
        text += "program," + input::csv_field(hash) + ',' + std::to_string(prediction.times.size()) + ',';
        if (std::isnan(prediction.total_deviation_ms)) {
            text += no_deviation;
        } else {
            put_number(text, prediction.total_deviation_ms);
        }
        text += '\n';
        for (const RoleTimes& of_operation : prediction.times) {
            put_number(text, of_operation.client_ms);
            text += ',';
            put_number(text, of_operation.server_ms);
            text += '\n';
        }
    }
    return text + "end\n";
}

}  // namespace sotto::report
