// SPDX-License-Identifier: Apache-2.0
#include "engine/input/yaml_document.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

using namespace sotto::input;

namespace {

YamlValue parse(const std::string& text) {
    return parse_yaml(text, "file.yaml");
}

std::string error_of(const std::function<void()>& read) {
    try {
        read();
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

std::string parse_error(const std::string& text) {
    return error_of([&text] { parse(text); });
}

// The value of `key` in the second line of a mapping.
YamlValue value_of(const std::string& value) {
    return parse("first: 1\nkey: " + value + '\n').require("the file", "key");
}

}  // namespace

TEST_CASE("Values of the right type are read") {
    CHECK(value_of("text").as_text("key") == "text");
    CHECK(value_of("\"12\"").as_text("key") == "12");
    CHECK(value_of("true").as_boolean("key"));
    CHECK_FALSE(value_of("false").as_boolean("key"));
    CHECK(value_of("-12").as_integer("key", -20, 20) == -12);
    CHECK(value_of("9223372036854775807").as_integer("key", 0, INT64_MAX) == INT64_MAX);
    CHECK(value_of("0.25").as_number("key", 0, 1) == 0.25);
    CHECK(value_of("1e-3").as_number("key", 0, 1) == 1e-3);
    CHECK(value_of("1").as_number("key", 0, 1) == 1);
    const std::array<std::string_view, 2> names{"relu", "square"};
    CHECK(value_of("square").as_one_of("key", names) == 1);
    const std::vector<YamlValue> items = value_of("[3, 1, 2]").items("key");
    REQUIRE(items.size() == 3);
    CHECK(items[0].as_integer("item", 0, 9) == 3);
    CHECK(items[2].as_integer("item", 0, 9) == 2);
    const auto entries = value_of("{z: 1, a: 2}").entries("key");  // in the order of the file
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].key == "z");
    CHECK(entries[1].key == "a");
    CHECK(entries[1].value.as_integer("a", 0, 9) == 2);
    CHECK(parse("a: 1").find("b") == std::nullopt);
    CHECK(parse("a: 1").find("a")->as_integer("a", 0, 9) == 1);
    CHECK(parse("[1]").find("a") == std::nullopt);
    CHECK(parse("").kind() == YamlValue::Kind::null);
    CHECK(parse("a:").find("a")->kind() == YamlValue::Kind::null);
}

TEST_CASE("A number in quotes is called a text and shown with them") {
    CHECK(error_of([] { value_of("\"5\"").as_integer("size", 0, 9); }) ==
          "file.yaml:2:6: size has the wrong type: found \"5\", a text because of its quotes, expected a whole number "
          "from 0 to 9");
    CHECK(error_of([] { value_of("'0.5'").as_number("rate", 0, 1); }) ==
          "file.yaml:2:6: rate has the wrong type: found \"0.5\", a text because of its quotes, expected a number from "
          "0 to 1");
}

TEST_CASE("A value of a wrong type is answered with its place and what it is") {
    CHECK(error_of([] { value_of("[1, 2]").as_text("name"); }) ==
          "file.yaml:2:6: name has the wrong type: found a list of 2, expected text");
    CHECK(error_of([] { value_of("{a: 1}").as_text("name"); }) ==
          "file.yaml:2:6: name has the wrong type: found a mapping, expected text");
    CHECK(error_of([] { value_of("yes").as_boolean("flag"); }) ==
          "file.yaml:2:6: flag has the wrong type: found 'yes', expected true or false");
    for (const char* wrong : {"1.5", "3x3", "0x10", "1 2", "''", "\"3\"", "1e2", "+1"}) {
        INFO(wrong);
        CHECK(error_of([wrong] {
                  value_of(wrong).as_integer("size", 1, 9);
              }).find("file.yaml:2:6: size has the wrong type: found ") == 0);
    }
    for (const char* wrong : {"fast", "1,5", "nan", "\"0.5\"", "1.0.0"}) {
        INFO(wrong);
        CHECK(error_of([wrong] {
                  value_of(wrong).as_number("rate", 0, 1);
              }).find("file.yaml:2:6: rate has the wrong type: found ") == 0);
    }
    CHECK(error_of([] { value_of("1").items("sizes"); }) ==
          "file.yaml:2:6: sizes has the wrong type: found '1', expected a list");
    CHECK(error_of([] { value_of("[1]").entries("layer"); }) ==
          "file.yaml:2:6: layer has the wrong type: found a list of 1, expected a mapping");
    CHECK(error_of([] { value_of("1").require("layer", "name"); }) ==
          "file.yaml:2:6: layer has the wrong type: found '1', expected a mapping");
}

TEST_CASE("A value out of range is answered with the range") {
    CHECK(error_of([] { value_of("0").as_integer("size", 1, 9); }) ==
          "file.yaml:2:6: size is out of range: found '0', expected a whole number from 1 to 9");
    CHECK(error_of([] { value_of("10").as_integer("size", 1, 9); }) ==
          "file.yaml:2:6: size is out of range: found '10', expected a whole number from 1 to 9");
    CHECK(error_of([] { value_of("99999999999999999999").as_integer("size", 1, 9); }) ==
          "file.yaml:2:6: size is out of range: found '99999999999999999999', expected a whole number from 1 to 9");
    CHECK(error_of([] { value_of("1.5").as_number("rate", 0, 1); }) ==
          "file.yaml:2:6: rate is out of range: found '1.5', expected a number from 0 to 1");
    CHECK(error_of([] { value_of("1e999").as_number("rate", 0, 1); }) ==
          "file.yaml:2:6: rate is out of range: found '1e999', expected a number from 0 to 1");
    CHECK(error_of([] { value_of("inf").as_number("rate", 0, 1); }) ==
          "file.yaml:2:6: rate is out of range: found 'inf', expected a number from 0 to 1");
}

TEST_CASE("An unknown name or key is answered with the known ones and the nearest") {
    const std::array<std::string_view, 2> names{"relu", "square"};
    CHECK(error_of([&] { value_of("sqare").as_one_of("activation", names); }) ==
          "file.yaml:2:6: unknown activation: found 'sqare', expected 'relu' or 'square'; did you mean 'square'?");
    CHECK(error_of([&] { value_of("[relu]").as_one_of("activation", names); }) ==
          "file.yaml:2:6: activation has the wrong type: found a list of 1, expected 'relu' or 'square'");
    CHECK(error_of([&] { parse("relu: 1\nsquar: 2\n").only_keys("layer", names); }) ==
          "file.yaml:2:1: unknown key of layer: found 'squar', expected 'relu' or 'square'; did you mean 'square'?");
    CHECK(error_of([&] { parse("relu: 1\nsquare: 2\n").only_keys("layer", names); }) == "no error");
    CHECK(error_of([] { parse("a: 1\n").require("layer", "name"); }) ==
          "file.yaml:1:1: layer lacks a key: expected 'name'");
    CHECK(error_of([] { parse("a: 1\nb: 2\na: 3\n").entries("layer"); }) ==
          "file.yaml:3:1: a key of layer stands twice: found 'a', expected each key once");
    CHECK(error_of([] {
              parse("? [1, 2]\n: 3\n").entries("layer");
          }).find("a key of layer has the wrong type: expected a name") != std::string::npos);
    CHECK(error_of([] { value_of("x").fail("is wrong", "a right one", "near"); }) ==
          "file.yaml:2:6: is wrong: found 'x', expected a right one; did you mean 'near'?");
}

TEST_CASE("Long scalars are cut in messages") {
    const std::string message = error_of([] { value_of(std::string(1000, 'x')).as_boolean("flag"); });
    CHECK(message.find('\'' + std::string(60, 'x') + "...'") != std::string::npos);
    CHECK(message.size() < 200);
}

TEST_CASE("Text that is not one plain YAML document is refused with its line") {
    CHECK(parse_error("a: 1\nb: [1, 2\n").find("file.yaml:") == 0);
    CHECK(parse_error("a: 1\nb: [1, 2\n").find("not valid YAML: ") != std::string::npos);
    CHECK(parse_error("a: 1\nb: c: d\n").find("file.yaml:2:5: not valid YAML: ") == 0);
    CHECK(parse_error("--- 1\n--- 2\n") == "file.yaml:2:1: more than one YAML document: expected one");
    // Without a bound yaml-cpp 0.7 reads empty documents from this for ever.
    CHECK(parse_error(std::string(", \0", 3)).find("file.yaml:") == 0);
    CHECK(parse_error("a: &x [1]\nb: *x\n") ==
          "file.yaml:2:4: aliases are not supported: found an alias (*name), expected the value itself");
}

TEST_CASE("Nesting is bounded before it can exhaust the stack") {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    CHECK(parse_error(nested(64)) == "no error");
    CHECK(parse_error(nested(65)) == "file.yaml:1:65: nested too deeply: found 65 levels, expected at most 64");
    CHECK(parse_error(nested(1000000)) == "file.yaml:1: nested too deeply: expected at most 64 levels");
    std::string blocks;
    for (int i = 0; i < 70; ++i) {
        blocks += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    }
    CHECK(parse_error(blocks).find("nested too deeply") != std::string::npos);
}

TEST_CASE("A file is read, one that cannot be read or is too large is answered") {
    const std::string path = std::string(SOTTO_BINARY_DIRECTORY) + "/yaml_document_test.yaml";
    {
        std::ofstream stream(path);
        stream << "a: 1\nb: x\n";
    }
    const YamlValue file = read_yaml_file(path);
    CHECK(file.require("the file", "a").as_integer("a", 0, 9) == 1);
    CHECK(error_of([&] { file.require("the file", "b").as_integer("b", 0, 9); }) ==
          path + ":2:4: b has the wrong type: found 'x', expected a whole number from 0 to 9");
    {
        std::ofstream stream(path);
        stream << std::string((std::size_t{16} << 20U) + 1, '#');
    }
    CHECK(error_of([&] { read_yaml_file(path); }) == path + ": file is too large: expected at most 16 MiB");
    std::remove(path.c_str());
    CHECK(error_of([&] { read_yaml_file(path); }) ==
          path + ": cannot be read: No such file or directory: expected a readable YAML file");
    CHECK(error_of([] { read_yaml_file(SOTTO_BINARY_DIRECTORY); }).find("cannot be read") != std::string::npos);
}
