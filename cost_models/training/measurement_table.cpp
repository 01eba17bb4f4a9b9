// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/measurement_table.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "cost_models/training/operation_columns.hpp"
#include "engine/input/csv.hpp"
#include "engine/secure/normalization_rule.hpp"

namespace sotto::training {
namespace {

using input::CsvField;
using input::CsvReader;
using std::size_t;

constexpr size_t most_bytes = size_t{256} << 20U;
constexpr std::int64_t most_runs = 1'000'000'000;
constexpr std::int64_t most_positions = 1'000'000;
constexpr double most_time_ms = 1e9;
constexpr double most_count = 9007199254740992.0;  // 2^53: the whole numbers that a double holds exactly

constexpr std::array<std::string_view, 2> normalization_names = {"homomorphic", "elementwise"};

// A measured figure: its column and its place in MeasuredOperation.
struct Figure {
    std::string_view name;
    double MeasuredOperation::*value;
    bool is_time;  // else a count
};
constexpr std::array<Figure, 9> figures = {{{"client_ms", &MeasuredOperation::client_ms, true},
                                            {"server_ms", &MeasuredOperation::server_ms, true},
                                            {"client_cpu_ms", &MeasuredOperation::client_cpu_ms, true},
                                            {"server_cpu_ms", &MeasuredOperation::server_cpu_ms, true},
                                            {"client_sent_bytes", &MeasuredOperation::client_sent_bytes, false},
                                            {"server_sent_bytes", &MeasuredOperation::server_sent_bytes, false},
                                            {"flows", &MeasuredOperation::flows, false},
                                            {"client_ots", &MeasuredOperation::client_ots, false},
                                            {"server_ots", &MeasuredOperation::server_ots, false}}};
constexpr size_t wall_times = 2;

// All columns, in the order in which they are written.
enum Column : size_t {
    network,
    run,
    position,
    op,
    first_size,
    numel = first_size + size_columns.size(),
    truncates,
    bn_kind,
    first_figure
};
constexpr size_t column_count = first_figure + figures.size();

constexpr std::array<std::string_view, column_count> column_names = [] {
    std::array<std::string_view, column_count> names = {"network", "run", "position", "op"};
    for (size_t i = 0; i < size_columns.size(); ++i) {
        names[first_size + i] = size_columns[i].name;
    }
    names[numel] = "numel";
    names[truncates] = "truncates";
    names[bn_kind] = "bn_kind";
    for (size_t i = 0; i < figures.size(); ++i) {
        names[first_figure + i] = figures[i].name;
    }
    return names;
}();

constexpr bool is_required(size_t column, Times times) {
    return column < bn_kind ||
           (times == Times::required && column >= first_figure && column < first_figure + wall_times);
}

std::string quoted(std::string_view text) {
    return '\'' + std::string(text) + '\'';
}

std::string_view normalization_name(const sotto_operation& operation) {
    assert(operation.normalization == SOTTO_NORMALIZATION_HOMOMORPHIC ||
           operation.normalization == SOTTO_NORMALIZATION_ELEMENTWISE);
    return normalization_names[operation.normalization == SOTTO_NORMALIZATION_HOMOMORPHIC ? 0 : 1];
}

class Reader {
  public:
    Reader(const std::string& text, const std::string& file, Times times) : csv_(text, file), times_(times) {}

    MeasurementTable read() {
        read_header();
        while (csv_.next(fields_)) {
            read_row();
        }
        if (table_.executions.empty()) {
            throw input::InputError({{csv_.file(), 0, 0}, "the table has no row", {}, "operations", {}});
        }
        check_length();
        return std::move(table_);
    }

  private:
    void read_header() {
        if (!csv_.next(fields_)) {
            csv_.fail(1, "the file is empty", {}, "a header row");
        }
        for (size_t i = 0; i < fields_.size(); ++i) {
            const CsvField& field = fields_[i];
            const auto found = std::find(column_names.begin(), column_names.end(), field.text);
            if (found == column_names.end()) {
                csv_.fail(field.column, "unknown column", quoted(field.text), input::list_names(column_names),
                          input::nearest_name(field.text, column_names));
            }
            std::optional<size_t>& place = places_[static_cast<size_t>(found - column_names.begin())];
            if (place) {
                csv_.fail(field.column, "a column stands twice", quoted(field.text), "each column once");
            }
            place = i;
        }
        const bool has_a_time = places_[first_figure].has_value() || places_[first_figure + 1].has_value();
        for (size_t column = 0; column < column_count; ++column) {
            const bool is_other_time = has_a_time && column >= first_figure && column < first_figure + wall_times;
            if ((is_required(column, times_) || is_other_time) && !places_[column]) {
                csv_.fail(1, "the header lacks a column", {}, quoted(column_names[column]));
            }
        }
        width_ = fields_.size();
    }

    // Null where the table has no such column.
    const CsvField* field(size_t column) const { return places_[column] ? &fields_[*places_[column]] : nullptr; }

    [[noreturn]] void fail(const CsvField& field, std::string problem, std::string expected) const {
        csv_.fail(field.column, std::move(problem), quoted(field.text), std::move(expected));
    }

    std::int64_t integer(size_t column, std::int64_t least, std::int64_t most) const {
        const CsvField& cell = *field(column);
        std::int64_t value = 0;
        const char* const end = cell.text.data() + cell.text.size();
        const auto [stop, error] = std::from_chars(cell.text.data(), end, value);
        if (error != std::errc{} || stop != end || value < least || value > most) {
            fail(cell, std::string(column_names[column]) + " is not valid",
                 "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
        }
        return value;
    }

    void require_empty(size_t column, std::string_view kind) const {
        const CsvField* const cell = field(column);
        if (cell != nullptr && !cell->text.empty()) {
            fail(*cell, std::string(column_names[column]) + " has a value",
                 "nothing: " + std::string(kind) + " has none");
        }
    }

    void read_row() {
        if (fields_.size() != width_) {
            const int column = fields_.size() < width_ ? 1 : fields_[width_].column;
            csv_.fail(column, fields_.size() < width_ ? "too few fields" : "too many fields",
                      std::to_string(fields_.size()), std::to_string(width_) + " as in the header");
        }
        MeasuredOperation row;
        row.line = csv_.line();
        row.operation.struct_size = sizeof(sotto_operation);
        read_kind(row.operation);
        read_sizes(row.operation);
        read_options(row.operation);
        read_figures(row);
        place(row);
    }

    void read_kind(sotto_operation& operation) const {
        const CsvField& cell = *field(op);
        const std::optional<std::int32_t> kind = operation_kind(cell.text);
        if (!kind) {
            csv_.fail(cell.column, "unknown operation", quoted(cell.text), input::list_names(operation_names()),
                      input::nearest_name(cell.text, operation_names()));
        }
        operation.kind = *kind;
    }

    void read_sizes(sotto_operation& operation) const {
        const std::string_view name = field(op)->text;
        const bool has_elements_alone = operation.kind == SOTTO_OPERATION_MULTIPLY && has_no_shape();
        for (size_t i = 0; i < size_columns.size(); ++i) {
            const SizeColumn& size = size_columns[i];
            if (has_size(operation.kind, size.part) && !has_elements_alone) {
                size_of(operation, i) = static_cast<std::int32_t>(integer(first_size + i, size.least, size.most));
            } else {
                require_empty(first_size + i, name);
            }
        }
        operation.elements = integer(numel, 1, most_elements);
        complete_vector(operation);
        if (const std::optional<WrongSize> wrong = wrong_size(operation)) {
            const auto column =
                std::find(column_names.begin(), column_names.end(), wrong->column) - column_names.begin();
            fail(*field(static_cast<size_t>(column)),
                 std::string(wrong->column) + " does not follow from the other sizes", wrong->expected);
        }
    }

    bool has_no_shape() const {
        for (size_t i = 0; i < size_columns.size(); ++i) {
            const CsvField* const cell = field(first_size + i);
            if (size_columns[i].part != SizeColumn::Part::window && cell != nullptr && !cell->text.empty()) {
                return false;
            }
        }
        return true;
    }

    void read_options(sotto_operation& operation) const {
        const std::string_view name = field(op)->text;
        if (operation.kind == SOTTO_OPERATION_RELU) {
            operation.truncates = static_cast<std::int32_t>(integer(truncates, 0, 1));
        } else {
            require_empty(truncates, name);
        }
        if (operation.kind != SOTTO_OPERATION_BATCH_NORMALIZATION) {
            require_empty(bn_kind, name);
            return;
        }
        const CsvField* const cell = field(bn_kind);
        if (cell == nullptr || cell->text.empty()) {
            operation.normalization = secure::is_homomorphic_normalization_cheaper(
                                          operation.input.channels, operation.input.height, operation.input.width)
                                          ? SOTTO_NORMALIZATION_HOMOMORPHIC
                                          : SOTTO_NORMALIZATION_ELEMENTWISE;
        } else if (cell->text == normalization_names[0]) {
            operation.normalization = SOTTO_NORMALIZATION_HOMOMORPHIC;
        } else if (cell->text == normalization_names[1]) {
            operation.normalization = SOTTO_NORMALIZATION_ELEMENTWISE;
        } else {
            csv_.fail(cell->column, "unknown kind of batch normalisation", quoted(cell->text),
                      input::list_names(normalization_names), input::nearest_name(cell->text, normalization_names));
        }
    }

    void read_figures(MeasuredOperation& row) const {
        for (size_t i = 0; i < figures.size(); ++i) {
            double& value = row.*figures[i].value;
            value = std::numeric_limits<double>::quiet_NaN();
            const CsvField* const cell = field(first_figure + i);
            if (cell == nullptr) {
                continue;
            }
            if (!cell->text.empty()) {
                value = number(*cell, figures[i]);
            } else if (is_required(first_figure + i, times_)) {
                fail(*cell, std::string(figures[i].name) + " is missing", expected_of(figures[i]));
            }
        }
        if (std::isnan(row.client_ms) != std::isnan(row.server_ms)) {
            fail(*field(first_figure + (std::isnan(row.client_ms) ? 0 : 1)),
                 "one role has a time and the other has none", "both or neither");
        }
    }

    static std::string expected_of(const Figure& figure) {
        return figure.is_time ? "milliseconds, from 0 to 1e9" : "a whole number from 0 to 2^53";
    }

    double number(const CsvField& cell, const Figure& figure) const {
        double value = 0;
        const char* const end = cell.text.data() + cell.text.size();
        const auto [stop, error] = std::from_chars(cell.text.data(), end, value);
        const bool is_in_range = figure.is_time ? value >= 0 && value <= most_time_ms
                                                : value >= 0 && value <= most_count && std::floor(value) == value;
        if (error != std::errc{} || stop != end || !is_in_range) {
            fail(cell, std::string(figure.name) + " is not valid", expected_of(figure));
        }
        return value + 0.0;  // a negative zero is zero
    }

    // Puts a row where it belongs and checks it against the rows before.
    void place(MeasuredOperation row) {
        const CsvField& name = *field(network);
        if (name.text.empty()) {
            fail(name, "the network has no name", "a name");
        }
        if (name.text.find_first_of("\t\r\n") != std::string::npos) {
            csv_.fail(name.column, "a network's name has a tab or a line end", {}, "a name on one line");
        }
        const std::int64_t number = integer(run, 1, most_runs);
        const std::int64_t at = integer(position, 0, most_positions - 1);
        if (table_.executions.empty() || table_.executions.back().network != name.text ||
            table_.executions.back().run != number) {
            begin_run(name, number, at);
        }
        Execution& execution = table_.executions.back();
        if (at != static_cast<std::int64_t>(execution.operations.size())) {
            fail(*field(position), "rows of a run are out of order",
                 quoted(std::to_string(execution.operations.size())));
        }
        row.operation.layer = static_cast<std::uint32_t>(at);
        const std::vector<MeasuredOperation>& first = table_.executions[first_runs_.at(name.text)].operations;
        if (&first != &execution.operations) {
            if (execution.operations.size() >= first.size()) {
                fail(*field(position), "runs of a network differ",
                     std::to_string(first.size()) + " operations as in line " + std::to_string(first.front().line));
            }
            const MeasuredOperation& same = first[execution.operations.size()];
            if (!is_same(same.operation, row.operation)) {
                fail_difference(same, row);
            }
        }
        execution.operations.push_back(row);
    }

    // Two runs have different operations at one place.
    [[noreturn]] void fail_difference(const MeasuredOperation& first, const MeasuredOperation& second) const {
        for (size_t column = op; column < first_figure; ++column) {
            const std::string found = value_of(second.operation, column);
            const std::string expected = value_of(first.operation, column);
            if (found != expected) {
                csv_.fail(field(column) == nullptr ? 1 : field(column)->column,
                          "runs of a network differ in " + std::string(column_names[column]), quoted(found),
                          quoted(expected) + " as in line " + std::to_string(first.line));
            }
        }
        fail(*field(op), "runs of a network differ", "the operation of line " + std::to_string(first.line));
    }

    // What a column from op on says of an operation; empty where it says nothing.
    static std::string value_of(const sotto_operation& operation, size_t column) {
        if (column == op) {
            return std::string(operation_name(operation.kind));
        }
        if (column == numel) {
            return std::to_string(operation.elements);
        }
        if (column == truncates) {
            return operation.kind == SOTTO_OPERATION_RELU ? std::to_string(operation.truncates) : "";
        }
        if (column == bn_kind) {
            return operation.kind == SOTTO_OPERATION_BATCH_NORMALIZATION ? std::string(normalization_name(operation))
                                                                         : "";
        }
        return has_size(operation.kind, size_columns[column - first_size].part)
                   ? std::to_string(size_of(operation, column - first_size))
                   : "";
    }

    void begin_run(const CsvField& name, std::int64_t number, std::int64_t at) {
        if (!table_.executions.empty()) {
            check_length();
        }
        if (!runs_.emplace(name.text, number).second) {
            fail(*field(run), at == 0 ? "a run stands twice" : "rows of a run do not stand together",
                 "each run of a network once");
        }
        first_runs_.try_emplace(name.text, table_.executions.size());
        table_.executions.push_back({name.text, number, {}});
    }

    // The run that ends here is as long as the network's first.
    void check_length() const {
        const Execution& last = table_.executions.back();
        const std::vector<MeasuredOperation>& first = table_.executions[first_runs_.at(last.network)].operations;
        if (last.operations.size() < first.size()) {
            throw input::InputError(
                {{csv_.file(), last.operations.back().line, 1},
                 "runs of a network differ",
                 "the end of run " + std::to_string(last.run) + " of " + quoted(last.network),
                 std::to_string(first.size()) + " operations as in line " + std::to_string(first.front().line),
                 {}});
        }
    }

    CsvReader csv_;
    Times times_;
    std::vector<CsvField> fields_;
    size_t width_ = 0;
    std::array<std::optional<size_t>, column_count> places_;
    MeasurementTable table_;
    std::set<std::pair<std::string, std::int64_t>> runs_;
    std::map<std::string, size_t> first_runs_;  // of each network: index into executions
};

void put_number(std::string& text, double value) {
    std::array<char, 64> buffer;
    char* const end = buffer.data() + buffer.size();
    const bool is_plain = value == 0 || (value >= 1e-6 && value < 1e16);
    const auto result = is_plain ? std::to_chars(buffer.data(), end, value, std::chars_format::fixed)
                                 : std::to_chars(buffer.data(), end, value);
    text.append(buffer.data(), result.ptr);
}

}  // namespace

MeasurementTable parse_measurement_table(const std::string& text, const std::string& file_name, Times times) {
    return Reader(text, file_name, times).read();
}

MeasurementTable read_measurement_table(const std::string& path, Times times) {
    return parse_measurement_table(read_table_text(path), path, times);
}

std::string read_table_text(const std::string& path) {
    return input::read_text_file(path, most_bytes, "a measurement table");
}

std::string to_csv(const MeasurementTable& table) {
    std::array<bool, column_count> is_written{};
    std::fill_n(is_written.begin(), size_t{first_figure}, true);
    for (const Execution& execution : table.executions) {
        for (const MeasuredOperation& row : execution.operations) {
            for (size_t i = 0; i < figures.size(); ++i) {
                is_written[first_figure + i] = is_written[first_figure + i] || !std::isnan(row.*figures[i].value);
            }
        }
    }
    std::string text;
    for (size_t column = 0; column < column_count; ++column) {
        if (is_written[column]) {
            text += column == 0 ? "" : ",";
            text += column_names[column];
        }
    }
    text += '\n';
    for (const Execution& execution : table.executions) {
        const std::string begin = input::csv_field(execution.network) + ',' + std::to_string(execution.run) + ',';
        for (size_t at = 0; at < execution.operations.size(); ++at) {
            const MeasuredOperation& row = execution.operations[at];
            const sotto_operation& operation = row.operation;
            text += begin + std::to_string(at) + ',';
            text += operation_name(operation.kind);
            for (size_t i = 0; i < size_columns.size(); ++i) {
                text += ',';
                if (has_size(operation, size_columns[i].part)) {
                    text += std::to_string(size_of(operation, i));
                }
            }
            text += ',' + std::to_string(operation.elements) + ',';
            if (operation.kind == SOTTO_OPERATION_RELU) {
                text += std::to_string(operation.truncates);
            }
            text += ',';
            if (operation.kind == SOTTO_OPERATION_BATCH_NORMALIZATION) {
                text += normalization_name(operation);
            }
            for (size_t i = 0; i < figures.size(); ++i) {
                if (is_written[first_figure + i]) {
                    text += ',';
                    if (!std::isnan(row.*figures[i].value)) {
                        put_number(text, row.*figures[i].value);
                    }
                }
            }
            text += '\n';
        }
    }
    return text;
}

}  // namespace sotto::training
