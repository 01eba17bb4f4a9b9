// SPDX-License-Identifier: Apache-2.0
#include "cost_models/model_file/json_fields.hpp"

#include <array>
#include <functional>
#include <string>

#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::model_file;

namespace {

std::string error_of(const std::function<void()>& read) {
    try {
        read();
    } catch (const input::InputError& error) {
        return error.what();
    }
    return "no error";
}

std::string parse_error(const std::string& text) {
    return error_of([&] { parse_json(text, "f", 2); });
}

}  // namespace

TEST_CASE("JSON that the standard allows but that means nothing certain is refused") {
    CHECK(parse_error(R"({"a": 1, "b": {"a": 1}, "c": [{"a": 1}, {"a": 2}]})") == "no error");
    CHECK(parse_error(R"({"a": 1, "b": {"a": 1}, "a": 2})") ==
          R"(f: a key stands twice: found "a", expected every key once)");
    CHECK(parse_error(R"([{"x": {}, "x": 2}])") == R"(f: a key stands twice: found "x", expected every key once)");
    CHECK(parse_error(R"({"a": [{"x": 1}, {"y": {"z": 1, "z": 2}}]})") ==
          R"(f: a key stands twice: found "z", expected every key once)");
    CHECK(parse_error(R"({"a": 1e999})") == "f: has a number that no double holds: expected finite numbers");
    CHECK(parse_error("{\n\"a\": }") == "f:3: is not valid JSON");
    CHECK(parse_error("{\"a\": \"\xff\"}") == "f:2: is not valid JSON");
    CHECK(parse_error("") == "f:2: is not valid JSON");
    CHECK(parse_error("{} {}") == "f:2: is not valid JSON");
    CHECK(parse_error("{\"a\": NaN}") == "f:2: is not valid JSON");
    CHECK(parse_error(std::string(32, '[') + std::string(32, ']')) == "no error");
    CHECK(parse_error(std::string(33, '[') + std::string(33, ']')) ==
          "f: nests too deep: found more than 32 levels, expected at most 32");
    CHECK(parse_error(std::string(1'000'000, '[')) ==
          "f: nests too deep: found more than 32 levels, expected at most 32");
}

TEST_CASE("the document is the one that another reader of the library builds") {
    for (const std::string text :
         {"null", "true", "-3", "18446744073709551615", "-0.0", "2.5e-300", R"("a\u00e9\n")", "[]", "{}",
          "[[], {}, [1]]", R"({"b": [1, {"c": null}, [2, [3]], "x"], "a": {"b": {}, "c": false}, "": 0})"}) {
        INFO(text);
        CHECK(parse_json(text, "f") == nlohmann::json::parse(text));
        CHECK(parse_json(text, "f").dump() == nlohmann::json::parse(text).dump());
    }
}

// A reader that takes time in proportion to the square of the elements does not end here.
TEST_CASE("lists and objects of a million elements are read") {
    constexpr std::size_t count = 1'000'000;
    std::string list = "[{}";
    std::string object = R"({"0":[])";
    for (std::size_t i = 1; i < count; ++i) {
        list += ",{}";
        object += ",\"" + std::to_string(i) + "\":[]";
    }
    CHECK(parse_json(list + ']', "f").size() == count);
    CHECK(parse_json(object + '}', "f").size() == count);
}

TEST_CASE("members are read by type and range") {
    const nlohmann::json document = nlohmann::json::parse(
        R"({"text": "abc", "whole": 7, "real": 2.5, "flag": true, "inner": {"list": [1, 2.5]}, "names": ["a", "b"],
            "huge": 18446744073709551615, "objects": [{"k": 1}, 3]})");
    const JsonFields fields(document, "f", "");
    CHECK(fields.text("text") == "abc");
    CHECK(fields.integer("whole", 7, 7) == 7);
    CHECK(fields.number("real", 0, 2.5) == 2.5);
    CHECK(fields.number("whole", 0, 10) == 7);
    CHECK(fields.object("inner").numbers("list", 2, 0, 3) == std::vector<double>{1, 2.5});
    CHECK(fields.texts("names") == std::vector<std::string>{"a", "b"});
    static constexpr std::array<std::string_view, 2> words = {"abd", "xyz"};
    CHECK(error_of([&] { fields.one_of("text", words); }) ==
          R"(f: text: found "abc", expected 'abd' or 'xyz'; did you mean 'abd'?)");
    CHECK(error_of([&] { fields.text("whole"); }) == "f: whole: found 7, expected a text");
    CHECK(error_of([&] { fields.integer("whole", 8, 9); }) == "f: whole: found 7, expected a whole number from 8 to 9");
    CHECK(error_of([&] { fields.integer("real", 0, 9); }) == "f: real: found 2.5, expected a whole number from 0 to 9");
    CHECK(error_of([&] { fields.integer("huge", 0, 9); }) ==
          "f: huge: found 18446744073709551615, expected a whole number from 0 to 9");
    CHECK(error_of([&] { fields.integer("flag", 0, 9); }) ==
          "f: flag: found true, expected a whole number from 0 to 9");
    CHECK(error_of([&] { fields.number("real", 3, 4); }) == "f: real: found 2.5, expected a number from 3.0 to 4.0");
    CHECK(error_of([&] { fields.object("inner").numbers("list", 3, 0, 3); }) ==
          "f: inner.list: found a list of 2, expected a list of 3 numbers from 0.0 to 3.0");
    CHECK(error_of([&] { fields.object("names"); }) == "f: names: found a list of 2, expected an object");
    CHECK(error_of([&] { fields.objects("objects"); }) == "f: objects[1]: found 3, expected an object");
    CHECK(error_of([&] { fields.at("absent"); }) == "f: a key is missing: expected 'absent'");
}

TEST_CASE("unknown and missing keys are refused by name") {
    static constexpr std::array<std::string_view, 2> keys = {"rows", "layer"};
    const nlohmann::json unknown = {{"rows", 1}, {"layre", 2}};
    CHECK(error_of([&] { JsonFields(unknown, "f", "data[0]").require_keys(keys); }) ==
          R"(f: data[0]: unknown key: found "layre", expected 'rows' or 'layer'; did you mean 'layer'?)");
    const nlohmann::json missing = {{"rows", 1}};
    CHECK(error_of([&] { JsonFields(missing, "f", "data[0]").require_keys(keys); }) ==
          "f: data[0]: a key is missing: expected 'layer'");
}
