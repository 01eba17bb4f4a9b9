// SPDX-License-Identifier: Apache-2.0
#include "engine/pytorch/docstring_text.hpp"

#include "tests/support/catch.hpp"

using sotto::pytorch::docstring_text;

TEST_CASE("Printable ASCII stays but for what ends or escapes a string") {
    CHECK(docstring_text("ResNet-50 (v1), it's 'small' {x} #1") == "ResNet-50 (v1), it's 'small' {x} #1");
    CHECK(docstring_text(R"(a"b)") == R"(a\"b)");
    CHECK(docstring_text(R"(""")") == R"(\"\"\")");
    CHECK(docstring_text(R"(a\)") == R"(a\\)");
    CHECK(docstring_text(R"(\N{BULLET})") == R"(\\N{BULLET})");
    CHECK(docstring_text("").empty());
}

TEST_CASE("Other characters of UTF-8 are escaped") {
    CHECK(docstring_text("a\nb\tc\x7f") == R"(a\x0ab\x09c\x7f)");
    CHECK(docstring_text(std::string_view("\0", 1)) == R"(\x00)");
    CHECK(docstring_text("\xc3\xbc") == R"(\xfc)");
    CHECK(docstring_text("\xe3\x82\xb9") == R"(\u30b9)");
    CHECK(docstring_text("\xf0\x9f\x98\x80") == R"(\U0001f600)");
    CHECK(docstring_text("\xf4\x8f\xbf\xbf") == R"(\U0010ffff)");
    CHECK(docstring_text("\xe2\x80\xae") == R"(\u202e)");  // turns the direction of what follows
}

TEST_CASE("Bytes that are not UTF-8 become the replacement character") {
    const std::string bad = R"(\ufffd)";
    CHECK(docstring_text("\xff") == bad);
    CHECK(docstring_text("\x80z") == bad + "z");
    CHECK(docstring_text("\xc3") == bad);                      // cut off
    CHECK(docstring_text("\xe3\x82") == bad + bad);            // cut off
    CHECK(docstring_text("\xc3(") == bad + "(");               // no second byte
    CHECK(docstring_text("\xc0\xa2") == bad + bad);            // a quote, longer than need be
    CHECK(docstring_text("\xe0\x80\xa2") == bad + bad + bad);  // the same
    CHECK(docstring_text("\xf0\x80\x80\xa2") == bad + bad + bad + bad);
    CHECK(docstring_text("\xed\xa0\x80") == bad + bad + bad);  // half of a pair of UTF-16
    CHECK(docstring_text("\xf4\x90\x80\x80") == bad + bad + bad + bad);
}

TEST_CASE("A long name is cut between characters") {
    CHECK(docstring_text(std::string(60, 'a')) == std::string(60, 'a'));
    CHECK(docstring_text(std::string(61, 'a')) == std::string(60, 'a') + "...");
    const std::string cut = docstring_text(std::string(1000000, '"'));
    CHECK(cut.size() == 63);
    CHECK(cut.substr(56) == R"(\"\"...)");
}
