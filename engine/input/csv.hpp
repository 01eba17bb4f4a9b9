// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/input/input_error.hpp"

namespace sotto::input {

/// One field of a table, without its quotes.
struct CsvField {
    std::string text;
    int column = 1;  ///< where it begins in its line, in bytes from 1
};

/// Takes a table apart row by row: RFC 4180, lines ending in LF or CR LF, with `separator` between fields. Throws
/// InputError where a quote is not closed or stands inside a field, where a line is empty, for a row of more than 1024
/// fields or a field of more than 64 KiB, for a byte order mark, and for what is not UTF-8 or a control character
/// (plain_text.hpp). What the fields mean is the caller's business, also that all rows are of one length.
class CsvReader {
  public:
    /// `text` must outlive the reader.
    CsvReader(std::string_view text, std::string file_name, char separator = ',');

    /// The next row; false at the end. Reuses the strings in `fields`.
    bool next(std::vector<CsvField>& fields);

    /// Where the row that `next` gave begins.
    int line() const noexcept { return row_line_; }
    const std::string& file() const noexcept { return file_; }
    /// Throws InputError for a place in that row; the place is the row's first line where it spans several.
    [[noreturn]] void fail(int column, std::string problem, std::string found, std::string expected,
                           std::string_view nearest = {}) const;

  private:
    void read_quoted(std::string& field);

    std::string_view text_;
    std::string file_;
    char separator_;
    std::size_t at_ = 0;
    std::size_t line_begin_ = 0;
    int line_ = 1;
    int row_line_ = 1;
};

/// A field as a table of commas holds it: in quotes where it has to be.
std::string csv_field(std::string_view text);

/// A whole file of at most `most_bytes`; InputError where it cannot be read or is larger.
std::string read_text_file(const std::string& path, std::size_t most_bytes, std::string_view what);

}  // namespace sotto::input
