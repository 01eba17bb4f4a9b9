// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/published_rows.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include "cost_models/training/operation_columns.hpp"
#include "engine/input/csv.hpp"

namespace sotto::training {
namespace {

using input::CsvField;
using input::CsvReader;

constexpr std::size_t most_bytes = std::size_t{64} << 20U;
constexpr std::int64_t most_repetitions = 1'000'000;
constexpr std::int64_t most_time_ms = 1'000'000'000;

// A column of a file and what it means: the name of a size in operation_columns.hpp, or a word of read_value below.
struct Column {
    std::string_view name;
    std::string_view meaning;
};

// One layer type of a layout: its files and their columns.
struct Layout {
    std::string_view file;
    std::int32_t kind;
    std::int32_t normalization;  // of batch normalisations whose file decides it
    std::vector<Column> columns;
};

std::vector<Column> same(std::initializer_list<std::string_view> names) {
    std::vector<Column> columns;
    for (const std::string_view name : names) {
        columns.push_back({name, name});
    }
    return columns;
}

std::vector<Column> tidy(std::vector<Column> sizes) {
    std::vector<Column> columns = {{"net", "network"}, {"run", "run"}, {"part", "part"}, {"position", "position"}};
    columns.insert(columns.end(), sizes.begin(), sizes.end());
    columns.push_back({"time_ms", "time"});
    return columns;
}

std::vector<Layout> tidy_layouts() {
    const std::vector<Column> pool = same({"in_h", "in_w", "in_c", "k_h", "k_w", "pad_top", "pad_bottom", "pad_left",
                                           "pad_right", "stride_h", "stride_w", "out_h", "out_w"});
    return {{"conv", SOTTO_OPERATION_CONVOLUTION, 0,
             tidy(same({"in_h", "in_w", "in_c", "out_c", "k_h", "k_w", "pad_top", "pad_bottom", "pad_left", "pad_right",
                        "stride_h", "stride_w", "out_h", "out_w"}))},
            {"relu", SOTTO_OPERATION_RELU, 0, tidy(same({"numel"}))},
            {"maxpool", SOTTO_OPERATION_MAX_POOL, 0, tidy(pool)},
            {"avgpool", SOTTO_OPERATION_AVERAGE_POOL, 0, tidy(pool)},
            {"bn", SOTTO_OPERATION_BATCH_NORMALIZATION, 0,
             tidy({{"channels", "in_c"}, {"height", "in_h"}, {"width", "in_w"}, {"bn_kind", "bn_kind"}})},
            {"trunc", SOTTO_OPERATION_TRUNCATION, 0, tidy(same({"numel"}))},
            {"fc", SOTTO_OPERATION_FULLY_CONNECTED, 0, tidy(same({"in_c", "out_c"}))}};
}

// As published: the sizes without "img" of a pool are those of its output.
std::vector<Layout> companion_layouts() {
    const auto pool = [](std::vector<Column> columns) {
        columns.insert(columns.begin(), Column{"", "index"});
        columns.push_back({"time_cost", "time"});
        return columns;
    };
    return {{"conv",
             SOTTO_OPERATION_CONVOLUTION,
             0,
             {{"", "index"},
              {"conv_N", "one"},
              {"conv_H", "in_h"},
              {"conv_W", "in_w"},
              {"conv_CI", "in_c"},
              {"conv_FH", "k_h"},
              {"conv_FW", "k_w"},
              {"conv_CO", "out_c"},
              {"conv_zPadHLeft", "pad_top"},
              {"conv_zPadHRight", "pad_bottom"},
              {"conv_zPadWLeft", "pad_left"},
              {"conv_zPadWRight", "pad_right"},
              {"conv_strideH", "stride_h"},
              {"conv_strideW", "stride_w"},
              {"time_cost", "time"}}},
            {"relu", SOTTO_OPERATION_RELU, 0, {{"", "index"}, {"relu_coeff", "numel"}, {"time_cost", "time"}}},
            {"maxpool", SOTTO_OPERATION_MAX_POOL, 0,
             pool({{"maxpool_N", "one"},
                   {"maxpool_H", "out_h"},
                   {"maxpool_W", "out_w"},
                   {"maxpool_C", "in_c"},
                   {"maxpool_ksizeH", "k_h"},
                   {"maxpool_ksizeW", "k_w"},
                   {"maxpool_zPadHLeft", "pad_top"},
                   {"maxpool_zPadHRight", "pad_bottom"},
                   {"maxpool_zPadWLeft", "pad_left"},
                   {"maxpool_zPadWRight", "pad_right"},
                   {"maxpool_strideH", "stride_h"},
                   {"maxpool_strideW", "stride_w"},
                   {"maxpool_N1", "one"},
                   {"maxpool_imgH", "in_h"},
                   {"maxpool_imgW", "in_w"},
                   {"maxpool_C1", "in_c"}})},
            {"avgpool", SOTTO_OPERATION_AVERAGE_POOL, 0,
             pool({{"avgpool_N", "one"},
                   {"avgpool_H", "out_h"},
                   {"avgpool_W", "out_w"},
                   {"avgpool_C", "in_c"},
                   {"avgpool_ksizeH", "k_h"},
                   {"avgpool_ksizeW", "k_w"},
                   {"avgpool_zPadHLeft", "pad_top"},
                   {"avgpool_zPadHRight", "pad_bottom"},
                   {"avgpool_zPadWLeft", "pad_left"},
                   {"avgpool_zPadWRight", "pad_right"},
                   {"avgpool_strideH", "stride_h"},
                   {"avgpool_strideW", "stride_w"},
                   {"avgpool_N1", "one"},
                   {"avgpool_imgH", "in_h"},
                   {"avgpool_imgW", "in_w"},
                   {"avgpool_C1", "in_c"}})},
            {"BN1",
             SOTTO_OPERATION_BATCH_NORMALIZATION,
             SOTTO_NORMALIZATION_HOMOMORPHIC,
             {{"", "index"}, {"BN1_C", "in_c"}, {"BN1_H", "in_h"}, {"BN1_W", "in_w"}, {"time_cost", "time"}}},
            {"BN2",
             SOTTO_OPERATION_BATCH_NORMALIZATION,
             SOTTO_NORMALIZATION_ELEMENTWISE,
             {{"", "index"}, {"BN2_C", "in_c"}, {"BN2_H", "in_h"}, {"BN2_W", "in_w"}, {"time_cost", "time"}}},
            {"trunc", SOTTO_OPERATION_TRUNCATION, 0, {{"", "index"}, {"trunc_coeff", "numel"}, {"time_cost", "time"}}},
            {"FC",
             SOTTO_OPERATION_FULLY_CONNECTED,
             0,
             {{"", "index"}, {"FC_N", "one"}, {"FC_CI", "in_c"}, {"FC_CO", "out_c"}, {"time_cost", "time"}}}};
}

std::string quoted(std::string_view text) {
    return '\'' + std::string(text) + '\'';
}

// A whole number, which the companion files write as 64.0.
std::int64_t whole_number(const CsvReader& csv, const CsvField& field, std::string_view name, std::int64_t least,
                          std::int64_t most) {
    double value = 0;
    const char* const end = field.text.data() + field.text.size();
    const auto [stop, error] = std::from_chars(field.text.data(), end, value);
    if (error != std::errc{} || stop != end || !(value >= static_cast<double>(least)) ||
        !(value <= static_cast<double>(most)) || std::floor(value) != value) {
        csv.fail(field.column, std::string(name.empty() ? "index" : name) + " is not valid", quoted(field.text),
                 "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return static_cast<std::int64_t>(value);
}

std::size_t size_index(std::string_view name) {
    const auto found = std::find_if(size_columns.begin(), size_columns.end(),
                                    [&](const SizeColumn& column) { return column.name == name; });
    return static_cast<std::size_t>(found - size_columns.begin());
}

std::int32_t extent(std::int32_t input, std::int32_t pad, std::int32_t other_pad, std::int32_t kernel,
                    std::int32_t stride) {
    const std::int64_t room = std::int64_t{input} + pad + other_pad - kernel;
    return room < 0 ? 0 : static_cast<std::int32_t>(std::min<std::int64_t>(room / stride + 1, most_extent));
}

// Fills in what the layouts leave out because it follows from the rest.
void complete(sotto_operation& operation) {
    complete_vector(operation);
    const sotto_window& window = operation.window;
    if (operation.kind == SOTTO_OPERATION_MULTIPLY) {
        operation.output = operation.input;
    } else if (operation.kind == SOTTO_OPERATION_BATCH_NORMALIZATION) {
        sotto_shape& input = operation.input;
        // Some rows of the publication hold (H, W, C); images are square, so these are recognised.
        if (input.channels == input.height && input.height != input.width) {
            std::swap(input.channels, input.width);
        }
        operation.output = operation.input;
    } else if (has_size(operation.kind, SizeColumn::Part::window)) {
        if (operation.output.channels == 0) {
            operation.output.channels = operation.input.channels;
        }
        if (operation.output.height == 0) {
            operation.output.height = extent(operation.input.height, window.pad_top, window.pad_bottom,
                                             window.kernel_height, window.stride_height);
            operation.output.width = extent(operation.input.width, window.pad_left, window.pad_right,
                                            window.kernel_width, window.stride_width);
        }
    }
    if (operation.elements == 0) {
        operation.elements = std::int64_t{operation.output.channels} * operation.output.height * operation.output.width;
    }
}

void check_sizes(const CsvReader& csv, const sotto_operation& operation) {
    if (operation.elements < 1) {
        csv.fail(1, "the operation has no output", {}, "a window that fits its input");
    }
    if (const std::optional<WrongSize> wrong = wrong_size(operation)) {
        const std::size_t index = size_index(wrong->column);
        const std::int64_t found = index < size_columns.size() ? size_of(operation, index) : operation.elements;
        csv.fail(1, std::string(wrong->column) + " does not follow from the other sizes", quoted(std::to_string(found)),
                 wrong->expected);
    }
}

// One role's rows; the time is put into client_ms.
class RoleReader {
  public:
    RoleReader(const PublishedFile& file, const Layout& layout, char separator)
        : csv_(file.text, file.name, separator), layout_(layout) {
        if (!csv_.next(fields_)) {
            csv_.fail(1, "the file is empty", {}, "a header row");
        }
        for (std::size_t i = 0; i < std::max(fields_.size(), layout.columns.size()); ++i) {
            if (i >= fields_.size()) {
                csv_.fail(1, "the header lacks a column", {}, quoted(layout.columns[i].name));
            }
            if (i >= layout.columns.size() || fields_[i].text != layout.columns[i].name) {
                csv_.fail(fields_[i].column, "wrong column", quoted(fields_[i].text),
                          i < layout.columns.size() ? quoted(layout.columns[i].name) : "the end of the line");
            }
        }
    }

    bool next(PublishedRow& row) {
        if (!csv_.next(fields_)) {
            return false;
        }
        if (fields_.size() != layout_.columns.size()) {
            csv_.fail(1, fields_.size() < layout_.columns.size() ? "too few fields" : "too many fields",
                      std::to_string(fields_.size()), std::to_string(layout_.columns.size()) + " as in the header");
        }
        row = {};
        row.line = csv_.line();
        row.operation.struct_size = sizeof(sotto_operation);
        row.operation.kind = layout_.kind;
        row.operation.normalization = layout_.normalization;
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            read_value(row, i);
        }
        complete(row.operation);
        check_sizes(csv_, row.operation);
        return true;
    }

    const std::string& file() const { return csv_.file(); }
    /// The row but for its time.
    std::string description() const {
        std::string text;
        for (std::size_t i = 0; i + 1 < fields_.size(); ++i) {
            text += (i == 0 ? "" : " ") + fields_[i].text;
        }
        return quoted(text);
    }
    [[noreturn]] void fail(std::string problem, std::string found, std::string expected) const {
        csv_.fail(1, std::move(problem), std::move(found), std::move(expected));
    }

  private:
    std::int64_t number(std::size_t i, std::int64_t least, std::int64_t most) const {
        return whole_number(csv_, fields_[i], layout_.columns[i].name, least, most);
    }

    void read_value(PublishedRow& row, std::size_t i) const {
        const std::string_view meaning = layout_.columns[i].meaning;
        if (meaning == "network") {
            row.network = fields_[i].text;
            if (row.network.empty()) {
                csv_.fail(fields_[i].column, "the network has no name", "''", "a name");
            }
        } else if (meaning == "run") {
            row.run = number(i, 1, most_repetitions);
        } else if (meaning == "part") {
            row.part = number(i, 0, most_repetitions);
        } else if (meaning == "position") {
            row.position = number(i, 0, most_repetitions);
        } else if (meaning == "time") {
            row.client_ms = static_cast<double>(number(i, 0, most_time_ms));
        } else if (meaning == "index") {
            number(i, csv_.line() - 2, csv_.line() - 2);
        } else if (meaning == "one") {
            number(i, 1, 1);
        } else if (meaning == "numel") {
            row.operation.elements = number(i, 1, most_elements);
        } else if (meaning == "bn_kind") {
            row.operation.normalization =
                number(i, 1, 2) == 1 ? SOTTO_NORMALIZATION_HOMOMORPHIC : SOTTO_NORMALIZATION_ELEMENTWISE;
        } else {
            const std::size_t index = size_index(meaning);
            std::int32_t& size = size_of(row.operation, index);
            const bool is_said = size != 0;  // a size that two columns hold
            size = static_cast<std::int32_t>(
                number(i, is_said ? size : size_columns[index].least, is_said ? size : size_columns[index].most));
        }
    }

    CsvReader csv_;
    const Layout& layout_;
    std::vector<CsvField> fields_;
};

// Both roles' files of one layer type, which have to agree row by row.
PublishedRows parse_pair(const PublishedFile& client_file, const PublishedFile& server_file, const Layout& layout,
                         char separator) {
    RoleReader client(client_file, layout, separator);
    RoleReader server(server_file, layout, separator);
    PublishedRows all;
    all.file = client_file.name;
    PublishedRow row;
    PublishedRow other;
    for (;;) {
        const bool has_client = client.next(row);
        const bool has_server = server.next(other);
        if (!has_client && !has_server) {
            return all;
        }
        if (!has_client || !has_server) {
            const RoleReader& longer = has_client ? client : server;
            const RoleReader& shorter = has_client ? server : client;
            longer.fail("client and server differ", longer.description(), "no further row, as in " + shorter.file());
        }
        const bool agree = row.network == other.network && row.run == other.run && row.part == other.part &&
                           row.position == other.position && is_same(row.operation, other.operation);
        if (!agree) {
            client.fail("client and server differ", client.description(),
                        server.description() + " as in " + server.file() + ':' + std::to_string(other.line));
        }
        row.server_ms = other.client_ms;
        all.rows.push_back(std::move(row));
    }
}

PublishedFile read_file(const std::string& path) {
    return {path, input::read_text_file(path, most_bytes, "a file of the published measurements")};
}

const Layout& find_layout(const std::vector<Layout>& layouts, std::string_view layer) {
    const auto found =
        std::find_if(layouts.begin(), layouts.end(), [&](const Layout& layout) { return layout.file == layer; });
    assert(found != layouts.end());
    return *found;
}

}  // namespace

PublishedRows parse_tidy_rows(std::string_view layer, const PublishedFile& client, const PublishedFile& server) {
    const std::vector<Layout> layouts = tidy_layouts();
    return parse_pair(client, server, find_layout(layouts, layer), ',');
}

PublishedRows parse_companion_rows(std::string_view layer, const PublishedFile& client, const PublishedFile& server) {
    const std::vector<Layout> layouts = companion_layouts();
    return parse_pair(client, server, find_layout(layouts, layer), '\t');
}

std::vector<PublishedRows> read_tidy_rows(const std::string& directory) {
    std::vector<PublishedRows> all;
    for (const Layout& layout : tidy_layouts()) {
        const std::string file = '/' + std::string(layout.file) + ".csv";
        all.push_back(
            parse_pair(read_file(directory + "/client" + file), read_file(directory + "/server" + file), layout, ','));
    }
    return all;
}

std::vector<PublishedRows> read_companion_rows(const std::string& directory) {
    std::vector<PublishedRows> all;
    for (const Layout& layout : companion_layouts()) {
        const std::string file = '/' + std::string(layout.file) + "_onlyTime_" + (layout.file == "BN2" ? "3D_" : "");
        all.push_back(parse_pair(read_file(directory + file + "client.csv"), read_file(directory + file + "server.csv"),
                                 layout, '\t'));
    }
    return all;
}

std::vector<LayerSequence> read_layer_sequences(const std::string& path) {
    return parse_layer_sequences({path, input::read_text_file(path, most_bytes, "a list of layers")});
}

std::vector<LayerSequence> parse_layer_sequences(const PublishedFile& file) {
    constexpr std::array<std::string_view, 3> leading = {"net", "position", "layer_type"};
    CsvReader csv(file.text, file.name);
    std::vector<CsvField> fields;
    if (!csv.next(fields)) {
        csv.fail(1, "the file is empty", {}, "a header row");
    }
    constexpr std::size_t width = leading.size() + size_columns.size() + 1;
    const auto name_of = [&](std::size_t i) {
        return i < leading.size() ? leading[i]
               : i + 1 < width    ? size_columns[i - leading.size()].name
                                  : std::string_view("numel");
    };
    if (fields.size() != width) {
        csv.fail(1, "wrong header", std::to_string(fields.size()) + " columns", std::to_string(width));
    }
    // The list has the strides behind the pads; sizes are found by name.
    std::vector<std::size_t> places(width, width);
    for (std::size_t i = 0; i < width; ++i) {
        for (std::size_t column = 0; column < width; ++column) {
            if (name_of(column) == fields[i].text) {
                places[column] = i;
            }
        }
    }
    for (std::size_t column = 0; column < width; ++column) {
        if (places[column] == width) {
            csv.fail(1, "the header lacks a column", {}, quoted(name_of(column)));
        }
    }
    std::vector<LayerSequence> sequences;
    while (csv.next(fields)) {
        if (fields.size() != width) {
            csv.fail(1, "wrong number of fields", std::to_string(fields.size()), std::to_string(width));
        }
        const CsvField& network = fields[places[0]];
        if (network.text.empty()) {
            csv.fail(network.column, "the network has no name", "''", "a name");
        }
        if (sequences.empty() || sequences.back().network != network.text) {
            for (const LayerSequence& sequence : sequences) {
                if (sequence.network == network.text) {
                    csv.fail(network.column, "rows of a network do not stand together", quoted(network.text),
                             "each network once");
                }
            }
            sequences.push_back({network.text, {}});
        }
        std::vector<sotto_operation>& operations = sequences.back().operations;
        const auto position = static_cast<std::int64_t>(operations.size());
        whole_number(csv, fields[places[1]], "position", position, position);
        sotto_operation operation{};
        operation.struct_size = sizeof operation;
        const CsvField& type = fields[places[2]];
        if (type.text == "bn1" || type.text == "bn2") {
            operation.kind = SOTTO_OPERATION_BATCH_NORMALIZATION;
            operation.normalization =
                type.text == "bn1" ? SOTTO_NORMALIZATION_HOMOMORPHIC : SOTTO_NORMALIZATION_ELEMENTWISE;
        } else if (const std::optional<std::int32_t> kind = operation_kind(type.text);
                   kind && *kind != SOTTO_OPERATION_BATCH_NORMALIZATION) {
            operation.kind = *kind;
        } else {
            csv.fail(type.column, "unknown layer type", quoted(type.text),
                     "'bn1', 'bn2' or an operation of the measurement table");
        }
        for (std::size_t i = 0; i < size_columns.size(); ++i) {
            const CsvField& field = fields[places[leading.size() + i]];
            if (!field.text.empty()) {
                size_of(operation, i) = static_cast<std::int32_t>(
                    whole_number(csv, field, size_columns[i].name, size_columns[i].least, size_columns[i].most));
            } else if (operation.kind != SOTTO_OPERATION_MULTIPLY && has_size(operation.kind, size_columns[i].part) &&
                       size_columns[i].least > 0 && !size_columns[i].name.starts_with("out_")) {
                csv.fail(field.column, std::string(size_columns[i].name) + " is missing", {},
                         "a size of " + quoted(type.text));
            }
        }
        operation.elements = whole_number(csv, fields[places[width - 1]], "numel", 1, most_elements);
        complete(operation);
        check_sizes(csv, operation);
        operations.push_back(operation);
    }
    if (sequences.empty()) {
        throw input::InputError({{file.name, 0, 0}, "the list has no row", {}, "layers", {}});
    }
    return sequences;
}

}  // namespace sotto::training
