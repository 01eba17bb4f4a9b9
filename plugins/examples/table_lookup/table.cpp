// SPDX-License-Identifier: Apache-2.0
#include "table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <vector>

#include "sotto/plugin.hpp"

#include "network_key.hpp"

namespace table_lookup {
namespace {

using sotto::sdk::InvalidArgument;

constexpr std::size_t most_bytes = std::size_t{256} << 20U;

std::string quoted(std::string_view text) {
    constexpr std::size_t most_shown = 60;
    return '\'' + std::string(text.substr(0, most_shown)) + (text.size() > most_shown ? "...'" : "'");
}

// Takes lines off the front of a text and splits them at commas.
class Lines {
  public:
    Lines(std::string_view text, const std::string& file_name) : text_(text), file_name_(file_name) {}

    bool next(std::vector<std::string_view>& fields) {
        if (text_.empty()) {
            return false;
        }
        ++line_;
        const std::size_t end = std::min(text_.find('\n'), text_.size());
        std::string_view line = text_.substr(0, end);
        text_.remove_prefix(std::min(end + 1, text_.size()));
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        if (const std::size_t quote = line.find('"'); quote != std::string_view::npos) {
            fail("found a quote, expected fields without quotes");
        }
        fields.clear();
        for (;;) {
            const std::size_t comma = std::min(line.find(','), line.size());
            fields.push_back(line.substr(0, comma));
            if (comma == line.size()) {
                return true;
            }
            line.remove_prefix(comma + 1);
        }
    }

    [[noreturn]] void fail(const std::string& text) const {
        throw InvalidArgument(file_name_ + ':' + std::to_string(std::max(line_, 1)) + ": " + text);
    }

  private:
    std::string_view text_;
    const std::string& file_name_;
    int line_ = 0;
};

std::size_t place_of(const Lines& lines, const std::vector<std::string_view>& names, const std::string& name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
        std::string known;
        for (const std::string_view other : names) {
            known += (known.empty() ? "" : ", ") + quoted(other);
        }
        lines.fail("found the columns " + known + ", expected one named " + quoted(name));
    }
    if (std::find(std::next(found), names.end(), name) != names.end()) {
        lines.fail("found two columns named " + quoted(name) + ", expected one");
    }
    return static_cast<std::size_t>(found - names.begin());
}

std::uint64_t key_of(const Lines& lines, std::string_view field) {
    std::uint64_t key = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), key, 16);
    if (error != std::errc() || end != field.data() + field.size() || key_text(key) != field) {
        lines.fail("found network " + quoted(field) + ", expected sixteen lower-case hexadecimal digits");
    }
    return key;
}

double value_of(const Lines& lines, std::string_view field) {
    double value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value)) {
        lines.fail("found " + quoted(field) + ", expected a finite number");
    }
    return value;
}

}  // namespace

Table Table::parse(std::string_view text, const std::string& file_name, const std::string& column) {
    Lines lines(text, file_name);
    std::vector<std::string_view> fields;
    if (!lines.next(fields)) {
        lines.fail("found an empty file, expected a line with the names of columns");
    }
    const std::size_t columns = fields.size();
    const std::size_t network = place_of(lines, fields, "network");
    const std::size_t looked_up = place_of(lines, fields, column);
    if (network == looked_up) {
        lines.fail("found the column 'network', expected one with numbers");
    }
    Table table;
    while (lines.next(fields)) {
        if (fields.size() != columns) {
            lines.fail("found " + std::to_string(fields.size()) + " fields, expected " + std::to_string(columns) +
                       ", as in the first line");
        }
        const std::uint64_t key = key_of(lines, fields[network]);
        if (!table.values_.emplace(key, value_of(lines, fields[looked_up])).second) {
            lines.fail("found network " + quoted(fields[network]) + " again, expected each once");
        }
    }
    if (table.values_.empty()) {
        lines.fail("found no line behind the names of columns, expected one for each network");
    }
    return table;
}

Table Table::read(const std::string& path, const std::string& column) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        throw InvalidArgument(path + ": cannot be opened");
    }
    std::string text;
    std::vector<char> block(std::size_t{1} << 16U);
    while (stream.read(block.data(), static_cast<std::streamsize>(block.size())), stream.gcount() > 0) {
        text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
        if (text.size() > most_bytes) {
            throw InvalidArgument(path + ": found more than 256 MiB, expected a table of at most that");
        }
    }
    if (stream.bad() || !stream.eof()) {
        throw InvalidArgument(path + ": cannot be read");
    }
    return parse(text, path, column);
}

std::optional<double> Table::find(std::uint64_t key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? std::nullopt : std::optional<double>(found->second);
}

}  // namespace table_lookup
