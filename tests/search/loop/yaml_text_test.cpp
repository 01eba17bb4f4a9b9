// SPDX-License-Identifier: Apache-2.0
#include "engine/input/yaml_document.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::input;

TEST_CASE("text survives as a YAML scalar") {
    for (const std::string text : {"plain",
                                   "",
                                   " ",
                                   "~",
                                   "null",
                                   "true",
                                   "12",
                                   "0x10",
                                   "a: b",
                                   "- a",
                                   "# no comment",
                                   "it's",
                                   "say \"x\"",
                                   "line\nbreak",
                                   "tab\there",
                                   "back\\slash",
                                   "gr\xC3\xB6\xC3\x9F"
                                   "e",
                                   "{a}",
                                   "[b]",
                                   "*alias",
                                   "&anchor",
                                   "!tag",
                                   "%",
                                   "@"}) {
        CAPTURE(text);
        const YamlValue document = parse_yaml("key: " + to_yaml_scalar(text) + "\nnext: 1\n", "x.yaml");
        CHECK(document.require("x", "key").as_text("key") == text);
        CHECK(document.require("x", "next").as_integer("next", 0, 9) == 1);
    }
}

TEST_CASE("a document survives as YAML text") {
    const std::string text =
        "name: squeeze  # a comment\n"
        "sizes: [1, 2, 3]\n"
        "nested:\n"
        "  - {id: 'a', quoted: \"12\", none: ~}\n"
        "  - text: |\n"
        "      two\n"
        "      lines\n"
        "    empty: ''\n";
    const YamlValue before = parse_yaml(text, "a.yaml");
    const YamlValue after = parse_yaml(to_yaml(before), "b.yaml");
    CHECK(after.require("x", "name").as_text("name") == "squeeze");
    CHECK(after.require("x", "sizes").items("sizes").size() == 3);
    CHECK(after.require("x", "sizes").items("sizes")[2].as_integer("size", 0, 9) == 3);
    const auto nested = after.require("x", "nested").items("nested");
    REQUIRE(nested.size() == 2);
    CHECK(nested[0].require("x", "quoted").as_text("quoted") == "12");
    CHECK(nested[0].require("x", "none").kind() == YamlValue::Kind::null);
    CHECK(nested[1].require("x", "text").as_text("text") == "two\nlines\n");
    CHECK(nested[1].require("x", "empty").as_text("empty").empty());
    CHECK(to_yaml(after) == to_yaml(before));
}
