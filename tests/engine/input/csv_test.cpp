// SPDX-License-Identifier: Apache-2.0
#include "engine/input/csv.hpp"

#include <fstream>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

using namespace sotto::input;
using Catch::Matchers::Equals;
using Catch::Matchers::StartsWith;

namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(const std::string& text, char separator = ',') {
    CsvReader reader(text, "table.csv", separator);
    Rows rows;
    std::vector<CsvField> fields;
    while (reader.next(fields)) {
        std::vector<std::string>& row = rows.emplace_back();
        for (const CsvField& field : fields) {
            row.push_back(field.text);
        }
    }
    return rows;
}

std::string error_of(const std::string& text) {
    try {
        rows_of(text);
    } catch (const InputError& error) {
        return error.what();
    }
    FAIL_CHECK("no error for: " << text);
    return {};
}

}  // namespace

TEST_CASE("rows end in LF or CR LF and the last one may end in nothing") {
    const Rows expected = {{"a", "b"}, {"1", ""}};
    CHECK(rows_of("a,b\n1,\n") == expected);
    CHECK(rows_of("a,b\r\n1,\r\n") == expected);
    CHECK(rows_of("a,b\n1,") == expected);
    CHECK(rows_of("a\tb\n1\t", '\t') == expected);
    CHECK(rows_of("").empty());
}

TEST_CASE("quoted fields hold separators and quotes and line ends") {
    CHECK(rows_of("\"a,b\",\"say \"\"no\"\"\",\"two\nlines\"\nx,\"\",y\n") ==
          Rows{{"a,b", "say \"no\"", "two\nlines"}, {"x", "", "y"}});
}

TEST_CASE("any text comes back from its own field") {
    for (const std::string text : {"", "plain", "a,b", "\"", "\"\"", "a\nb", "a\r\nb", "\r", " blanks ", "\xC3\xA9"}) {
        CHECK(rows_of("x," + csv_field(text) + ",y\n") == Rows{{"x", text, "y"}});
    }
}

TEST_CASE("fields know the line and column they begin in") {
    const std::string text = "a,bb,c\n\"1\n2\",3\nlast,x\n";
    CsvReader reader(text, "table.csv");
    std::vector<CsvField> fields;
    REQUIRE(reader.next(fields));
    CHECK(reader.line() == 1);
    CHECK(fields.at(2).column == 6);
    REQUIRE(reader.next(fields));
    CHECK(reader.line() == 2);
    REQUIRE(reader.next(fields));
    CHECK(reader.line() == 4);
    CHECK(fields.at(1).column == 6);
    CHECK_FALSE(reader.next(fields));
}

TEST_CASE("text that is no table is answered with its place") {
    CHECK_THAT(error_of("a,b\n1,\"2\n"), StartsWith("table.csv:2:3: a quote is not closed"));
    CHECK_THAT(error_of("a,b\n1,2\"\n"), StartsWith("table.csv:2:4: a quote stands inside a field"));
    CHECK_THAT(error_of("a,\"b\"c\n"), StartsWith("table.csv:1:6: a quote stands inside a field"));
    CHECK_THAT(error_of("a,b\n\n1,2\n"), StartsWith("table.csv:2:1: a line is empty"));
    CHECK_THAT(error_of("\xEF\xBB\xBF"
                        "a,b\n"),
               StartsWith("table.csv:1:1: the file begins with a byte order mark"));
    CHECK_THAT(error_of(std::string("a,b\n1,\0", 7)),
               StartsWith("table.csv:2:3: the file is not plain text: found a NUL byte"));
}

TEST_CASE("what is not UTF-8 or controls a terminal is refused with its place") {
    for (const std::string bad : {"\xFF", "\x80", "\xC3", "\xC0\xAF", "\xE0\x9F\xBF", "\xED\xA0\x80",
                                  "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\x1B[31m", "\x07", "\x7F", "\xC2\x9B"}) {
        CHECK_THAT(error_of("a,b\n1,x" + bad + ",y\n"), StartsWith("table.csv:2:4: the file is not plain text"));
        CHECK_THAT(error_of("a,b\n1,\"x" + bad), StartsWith("table.csv:2:5: the file is not plain text"));
    }
    CHECK_THAT(error_of("a\x1B"),
               Equals("table.csv:1:2: the file is not plain text: found the byte 0x1b, expected UTF-8 "
                      "without control characters"));
    for (const std::string good : {"\xC2\xA0", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                                   "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "~", "a\tb"}) {
        CHECK(rows_of("x," + good + "\n") == Rows{{"x", good}});
    }
}

TEST_CASE("rows have a bounded number of fields of bounded length") {
    CHECK(rows_of(std::string(1023, ',') + "\n").at(0).size() == 1024);
    CHECK_THAT(error_of("a\n" + std::string(20'000'000, ',')),
               Equals("table.csv:2:1025: too many fields: expected at most 1024"));
    const std::string longest(65536, 'x');
    CHECK(rows_of("a," + longest) == Rows{{"a", longest}});
    CHECK(rows_of("a,\"" + longest + '"') == Rows{{"a", longest}});
    CHECK_THAT(error_of("a," + longest + 'x'),
               Equals("table.csv:1:3: a field is too long: expected at most 65536 bytes"));
    CHECK_THAT(error_of("a,\"" + longest + "x\""),
               Equals("table.csv:1:3: a field is too long: expected at most 65536 bytes"));
}

TEST_CASE("a file is read whole or not at all") {
    const std::string path = SOTTO_BINARY_DIRECTORY "/csv_test.txt";
    std::ofstream(path, std::ios::binary) << "some\ntext";
    CHECK(read_text_file(path, 100, "text") == "some\ntext");
    CHECK_THROWS_AS(read_text_file(path, 8, "text"), InputError);
    CHECK_THROWS_AS(read_text_file(path + ".missing", 100, "text"), InputError);
    CHECK_THROWS_AS(read_text_file(SOTTO_BINARY_DIRECTORY, 100, "text"), InputError);
}
