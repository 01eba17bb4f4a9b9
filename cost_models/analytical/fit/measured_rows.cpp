// SPDX-License-Identifier: Apache-2.0
#include "cost_models/analytical/fit/measured_rows.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <map>
#include <span>
#include <sstream>
#include <string_view>
#include <system_error>

#include "engine/input/input_error.hpp"

namespace sotto::analytical {
namespace {

using input::InputError;

constexpr std::int64_t most_time_ms = 1'000'000'000;
constexpr std::size_t most_bytes = std::size_t{64} << 20U;

struct Column {
    std::string_view name;
    std::int64_t least;
    std::int64_t most;
};

// The columns after net, run, part, position and before time_ms.
constexpr std::array<Column, 14> conv_columns = {{{"in_h", 1, 65536},
                                                  {"in_w", 1, 65536},
                                                  {"in_c", 1, 1048576},
                                                  {"out_c", 1, 1048576},
                                                  {"k_h", 1, 65536},
                                                  {"k_w", 1, 65536},
                                                  {"pad_top", 0, 65536},
                                                  {"pad_bottom", 0, 65536},
                                                  {"pad_left", 0, 65536},
                                                  {"pad_right", 0, 65536},
                                                  {"stride_h", 1, 65536},
                                                  {"stride_w", 1, 65536},
                                                  {"out_h", 1, 65536},
                                                  {"out_w", 1, 65536}}};
constexpr std::array<Column, 13> pool_columns = {{{"in_h", 1, 65536},
                                                  {"in_w", 1, 65536},
                                                  {"in_c", 1, 1048576},
                                                  {"k_h", 1, 65536},
                                                  {"k_w", 1, 65536},
                                                  {"pad_top", 0, 65536},
                                                  {"pad_bottom", 0, 65536},
                                                  {"pad_left", 0, 65536},
                                                  {"pad_right", 0, 65536},
                                                  {"stride_h", 1, 65536},
                                                  {"stride_w", 1, 65536},
                                                  {"out_h", 1, 65536},
                                                  {"out_w", 1, 65536}}};
constexpr std::array<Column, 4> bn_columns = {
    {{"channels", 1, 1048576}, {"height", 1, 65536}, {"width", 1, 65536}, {"bn_kind", 1, 2}}};
constexpr std::array<Column, 2> fc_columns = {{{"in_c", 1, 1 << 30}, {"out_c", 1, 1048576}}};
constexpr std::array<Column, 1> element_columns = {{{"numel", 1, std::int64_t{1} << 40}}};
constexpr std::array<Column, 3> leading_columns = {{{"run", 1, 1000000}, {"part", 0, 1000}, {"position", 0, 1000000}}};
constexpr Column time_column = {"time_ms", 0, most_time_ms};

std::span<const Column> size_columns(LayerType type) {
    switch (type) {
        case LayerType::conv:
            return conv_columns;
        case LayerType::maxpool:
        case LayerType::avgpool:
            return pool_columns;
        case LayerType::bn:
            return bn_columns;
        case LayerType::fc:
            return fc_columns;
        case LayerType::relu:
        case LayerType::trunc:
            return element_columns;
    }
    return {};
}

std::string header_of(std::span<const Column> sizes) {
    std::string header = "net";
    for (const Column& column : leading_columns) {
        header += ',' + std::string(column.name);
    }
    for (const Column& column : sizes) {
        header += ',' + std::string(column.name);
    }
    return header + ',' + std::string(time_column.name);
}

// Takes the fields of one line from left to right.
class LineReader {
  public:
    LineReader(std::string_view line, const std::string& file, int number)
        : line_(line), file_(file), number_(number) {}

    std::string_view field(std::string_view name) {
        if (at_ > line_.size()) {
            begin_ = line_.size();
            fail("too few fields", "the end of the line", '\'' + std::string(name) + '\'');
        }
        begin_ = at_;
        const std::size_t comma = std::min(line_.find(',', at_), line_.size());
        at_ = comma + 1;
        return line_.substr(begin_, comma - begin_);
    }

    std::int64_t integer(const Column& column) {
        const std::string_view text = field(column.name);
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size() || value < column.least || value > column.most) {
            fail(std::string(column.name) + " is not valid", '\'' + std::string(text) + '\'',
                 "a whole number from " + std::to_string(column.least) + " to " + std::to_string(column.most));
        }
        return value;
    }

    void end() {
        if (at_ <= line_.size()) {
            begin_ = at_;
            fail("too many fields", '\'' + std::string(line_.substr(at_)) + '\'', "the end of the line");
        }
    }

    [[noreturn]] void fail(std::string problem, std::string found, std::string expected) const {
        throw InputError({{file_, number_, static_cast<int>(std::min(begin_, line_.size())) + 1},
                          std::move(problem),
                          std::move(found),
                          std::move(expected),
                          {}});
    }

  private:
    std::string_view line_;
    const std::string& file_;
    int number_;
    std::size_t begin_ = 0;
    std::size_t at_ = 0;
};

// The sizes of a row as an operation, so that fitting and predicting share one definition of the features.
sotto_operation operation_of(LayerType type, std::span<const std::int64_t> sizes, const LineReader& line) {
    const auto at = [&](std::size_t i) { return static_cast<std::int32_t>(sizes[i]); };
    sotto_operation operation{};
    switch (type) {
        case LayerType::conv:
        case LayerType::maxpool:
        case LayerType::avgpool: {
            const bool is_conv = type == LayerType::conv;
            const std::size_t kernel = is_conv ? 4 : 3;
            operation.input = {at(2), at(0), at(1)};
            operation.window = {at(kernel),     at(kernel + 1), at(kernel + 6), at(kernel + 7),
                                at(kernel + 2), at(kernel + 3), at(kernel + 4), at(kernel + 5)};
            operation.output = {is_conv ? at(3) : at(2), at(kernel + 8), at(kernel + 9)};
            const sotto_window& window = operation.window;
            const std::int64_t room_height = sizes[0] + window.pad_top + window.pad_bottom - window.kernel_height;
            const std::int64_t room_width = sizes[1] + window.pad_left + window.pad_right - window.kernel_width;
            if (room_height < 0 || room_width < 0 ||
                room_height / window.stride_height + 1 != operation.output.height ||
                room_width / window.stride_width + 1 != operation.output.width) {
                line.fail("output sizes do not follow from the input",
                          std::to_string(operation.output.height) + 'x' + std::to_string(operation.output.width),
                          "floor((in + pads - k) / stride) + 1");
            }
            break;
        }
        case LayerType::bn:
            operation.input = {at(0), at(1), at(2)};
            operation.output = operation.input;
            break;
        case LayerType::fc:
            operation.input = {at(0), 1, 1};
            operation.output = {at(1), 1, 1};
            break;
        case LayerType::relu:
        case LayerType::trunc:
            operation.elements = sizes[0];
            return operation;
    }
    operation.elements = std::int64_t{operation.output.channels} * operation.output.height * operation.output.width;
    return operation;
}

}  // namespace

MeasuredRows parse_measured_rows(const std::string& text, const std::string& file_name, LayerType type,
                                 std::set<std::string>& networks) {
    const std::span<const Column> columns = size_columns(type);
    std::istringstream stream(text);
    std::string line_text;
    const std::string header = header_of(columns);
    if (!std::getline(stream, line_text) || line_text != header) {
        throw InputError({{file_name, 1, 1}, "wrong header", '\'' + line_text + '\'', '\'' + header + '\'', {}});
    }
    MeasuredRows rows;
    std::map<std::vector<std::int64_t>, std::uint32_t> known;
    for (int number = 2; std::getline(stream, line_text); ++number) {
        LineReader line(line_text, file_name, number);
        const std::string network(line.field("net"));
        if (network.empty()) {
            line.fail("the network has no name", "an empty field", "a name");
        }
        for (const Column& column : leading_columns) {
            line.integer(column);
        }
        std::vector<std::int64_t> sizes;
        sizes.reserve(columns.size());
        for (const Column& column : columns) {
            sizes.push_back(line.integer(column));
        }
        const sotto_operation operation = operation_of(type, sizes, line);
        const std::int64_t time = line.integer(time_column);
        line.end();
        networks.insert(network);
        if (time == 0) {
            ++rows.left_out;
            continue;
        }
        if (type == LayerType::bn) {
            sizes.pop_back();  // the same layer whichever way it ran
        }
        const auto [found, is_new] = known.try_emplace(std::move(sizes), rows.configuration_count);
        rows.configuration_count += is_new ? 1U : 0U;
        rows.configurations.push_back(found->second);
        rows.features.push_back(feature_values(type, operation));
        rows.times_ms.push_back(static_cast<double>(time));
    }
    if (rows.times_ms.empty()) {
        throw InputError({{file_name, 0, 0}, "no row with a time", {}, "measurements", {}});
    }
    return rows;
}

MeasuredRows read_measured_rows(const std::string& path, LayerType type, std::set<std::string>& networks) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    if (stream) {
        text << stream.rdbuf();
    }
    if (!stream.is_open() || stream.bad()) {
        throw InputError(
            {{path, 0, 0}, "cannot be read: " + std::string(std::strerror(errno)), {}, "a measurement table", {}});
    }
    const std::string content = text.str();
    if (content.size() > most_bytes) {
        throw InputError({{path, 0, 0}, "file is too large", {}, "at most 64 MiB", {}});
    }
    return parse_measured_rows(content, path, type, networks);
}

}  // namespace sotto::analytical
