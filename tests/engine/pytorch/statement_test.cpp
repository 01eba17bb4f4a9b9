// SPDX-License-Identifier: Apache-2.0
#include "engine/pytorch/statement.hpp"

#include "tests/support/catch.hpp"

using namespace sotto::pytorch;

namespace {

std::string statement(const std::string& target, const Expression& expression) {
    std::string text;
    append_statement(text, 8, target, expression);
    return text;
}

}  // namespace

TEST_CASE("A statement that fits stands on one line") {
    CHECK(statement("x", {"relu"}) == "        x = relu\n");
    CHECK(statement("x", call("f", {{"1"}, {"[", {{"a"}, {"b"}}, "]"}})) == "        x = f(1, [a, b])\n");
    CHECK(statement("x", {"", {{"a"}, {"b"}, {"c"}}, "", true}) == "        x = a + b + c\n");
    const std::string name(line_width - 8 - 7, 'n');  // x = f(...)
    CHECK(statement("x", call("f", {{name}})) == "        x = f(" + name + ")\n");
}

TEST_CASE("A statement that is too wide is broken inside its brackets") {
    const std::string name(line_width - 8 - 6, 'n');
    CHECK(statement("x", call("f", {{name}})) == "        x = f(\n            " + name + "\n        )\n");
    const std::string half(45, 'h');
    CHECK(statement("x", call("f", {{half}, {half}})) ==
          "        x = f(\n            " + half + ",\n            " + half + ",\n        )\n");
    CHECK(statement("x", {"", {{half}, {half}}, "", true}) ==
          "        x = (\n            " + half + "\n            + " + half + "\n        )\n");
    const std::string third(30, 't');
    const Expression list{"[", {{third}, {third}, {third}}, "]"};
    CHECK(statement("x", call("cat", {list, {"dim=1"}})) ==
          "        x = cat(\n            [\n                " + third + ",\n                " + third +
              ",\n                " + third + ",\n            ],\n            dim=1,\n        )\n");
}
