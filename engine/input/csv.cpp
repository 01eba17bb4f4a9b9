// SPDX-License-Identifier: Apache-2.0
#include "engine/input/csv.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "engine/input/plain_text.hpp"

namespace sotto::input {
namespace {

constexpr std::size_t most_fields = 1024;
constexpr std::size_t most_field_bytes = std::size_t{64} << 10U;

std::string field_limit() {
    return "at most " + std::to_string(most_field_bytes) + " bytes";
}

std::string byte_name(char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0 ? "a NUL byte" : std::string("the byte 0x") + digits[byte >> 4U] + digits[byte & 15U];
}

}  // namespace

CsvReader::CsvReader(std::string_view text, std::string file_name, char separator)
    : text_(text), file_(std::move(file_name)), separator_(separator) {
    if (text_.starts_with("\xEF\xBB\xBF")) {
        fail(1, "the file begins with a byte order mark", {}, "UTF-8 without one");
    }
    for (std::size_t at = 0; at < text_.size();) {
        const std::size_t bytes = plain_character_bytes(text_.substr(at));
        if (bytes == 0) {
            fail(static_cast<int>(at - line_begin_) + 1, "the file is not plain text", byte_name(text_[at]),
                 "UTF-8 without control characters");
        }
        if (text_[at] == '\n') {
            ++row_line_;
            line_begin_ = at + 1;
        }
        at += bytes;
    }
    row_line_ = 1;
    line_begin_ = 0;
}

void CsvReader::fail(int column, std::string problem, std::string found, std::string expected,
                     std::string_view nearest) const {
    throw InputError(
        {{file_, row_line_, column}, std::move(problem), std::move(found), std::move(expected), std::string(nearest)});
}

// From behind the opening quote to behind the closing one.
void CsvReader::read_quoted(std::string& field) {
    const int column = static_cast<int>(at_ - line_begin_);
    const int line = line_;
    for (;; ++at_) {
        if (at_ >= text_.size()) {
            throw InputError({{file_, line, column}, "a quote is not closed", "the end of the file", "'\"'", {}});
        }
        if (text_[at_] == '"') {
            ++at_;
            if (at_ >= text_.size() || text_[at_] != '"') {
                return;
            }
        } else if (text_[at_] == '\n') {
            ++line_;
            line_begin_ = at_ + 1;
        }
        field += text_[at_];
        if (field.size() > most_field_bytes) {
            throw InputError({{file_, line, column}, "a field is too long", {}, field_limit(), {}});
        }
    }
}

bool CsvReader::next(std::vector<CsvField>& fields) {
    if (at_ >= text_.size()) {
        return false;
    }
    row_line_ = line_;
    std::size_t count = 0;
    for (;;) {
        if (count == most_fields) {
            fail(static_cast<int>(at_ - line_begin_) + 1, "too many fields", {},
                 "at most " + std::to_string(most_fields));
        }
        if (count == fields.size()) {
            fields.emplace_back();
        }
        CsvField& field = fields[count++];
        field.text.clear();
        field.column = static_cast<int>(at_ - line_begin_) + 1;
        const auto column = [this] { return static_cast<int>(at_ - line_begin_) + 1; };
        if (at_ < text_.size() && text_[at_] == '"') {
            ++at_;
            read_quoted(field.text);
        } else {
            while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n' && text_[at_] != '"' &&
                   !(text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n'))) {
                field.text += text_[at_++];
                if (field.text.size() > most_field_bytes) {
                    fail(field.column, "a field is too long", {}, field_limit());
                }
            }
        }
        if (at_ < text_.size() && text_[at_] == separator_) {
            ++at_;
            continue;
        }
        if (at_ < text_.size() && text_[at_] == '\r') {
            ++at_;
        }
        if (at_ < text_.size() && text_[at_] != '\n') {
            const char found = text_[at_];
            fail(column(), "a quote stands inside a field", "'" + std::string(1, found) + "'",
                 "a quoted field, each quote in it doubled");
        }
        break;
    }
    if (at_ < text_.size()) {
        ++at_;
        ++line_;
        line_begin_ = at_;
    }
    fields.resize(count);
    if (count == 1 && fields.front().text.empty()) {
        fail(1, "a line is empty", {}, "a row");
    }
    return true;
}

std::string csv_field(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        return std::string(text);
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c;
        if (c == '"') {
            quoted += c;
        }
    }
    return quoted + '"';
}

std::string read_text_file(const std::string& path, std::size_t most_bytes, std::string_view what) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        throw InputError(
            {{path, 0, 0}, "cannot be read: " + std::string(std::strerror(errno)), {}, std::string(what), {}});
    }
    std::string text;
    constexpr std::size_t piece = std::size_t{1} << 20U;
    while (stream && text.size() <= most_bytes) {
        const std::size_t size = text.size();
        text.resize(size + piece);
        stream.read(text.data() + size, static_cast<std::streamsize>(piece));
        text.resize(size + static_cast<std::size_t>(stream.gcount()));
    }
    if (stream.bad()) {
        throw InputError({{path, 0, 0}, "cannot be read", {}, std::string(what), {}});
    }
    if (text.size() > most_bytes) {
        throw InputError(
            {{path, 0, 0}, "file is too large", {}, "at most " + std::to_string(most_bytes >> 20U) + " MiB", {}});
    }
    return text;
}

}  // namespace sotto::input
