// SPDX-License-Identifier: Apache-2.0
#include "search/loop/plugin_arguments.hpp"

#include "tests/support/catch.hpp"

using namespace sotto;

namespace {

plugin::Description description() {
    plugin::Description description;
    description.kind = plugin::Kind::cost_model;
    description.id = "sample";
    description.parameters = {
        {"setting", "", plugin::ParameterType::text, true, 0, 0, "", {"local", "lan", "wan"}},
        {"count", "", plugin::ParameterType::integer, false, 1, 100, "10", {}},
        {"weight", "", plugin::ParameterType::number, false, 0, 1, "0.5", {}},
        {"cached", "", plugin::ParameterType::boolean, false, 0, 0, "true", {}},
        {"file", "", plugin::ParameterType::text, false, 0, 0, "a.json", {}},
    };
    return description;
}

std::map<std::string, std::string> read(const std::string& text) {
    return search::read_arguments(input::parse_yaml(text, "run.yaml"), description());
}

input::InputError::Parts fault(const std::string& text) {
    try {
        read(text);
    } catch (const input::InputError& error) {
        return error.parts();
    }
    FAIL("accepted: " << text);
    return {};
}

}  // namespace

TEST_CASE("arguments take their defaults and their canonical text") {
    const auto defaults = read("id: sample\nsetting: lan\n");
    CHECK(defaults ==
          std::map<std::string, std::string>{
              {"setting", "lan"}, {"count", "10"}, {"weight", "0.5"}, {"cached", "true"}, {"file", "a.json"}});
    const auto given = read("{id: sample, setting: wan, count: 007, weight: 2.50e-1, cached: false, file: b c.json}");
    CHECK(given.at("count") == "7");
    CHECK(given.at("weight") == "0.25");
    CHECK(given.at("cached") == "false");
    CHECK(given.at("file") == "b c.json");
}

TEST_CASE("a number has one text however the default and the file spell it") {
    // The shortest text that reads back as the same double: with an exponent where that is shorter.
    struct Case {
        plugin::ParameterType type;
        std::string spelled;
        std::string canonical;
    };
    const std::vector<Case> cases = {
        {plugin::ParameterType::number, "0.0005", "5e-04"},
        {plugin::ParameterType::number, "5e-4", "5e-04"},
        {plugin::ParameterType::number, "1e-3", "0.001"},
        {plugin::ParameterType::number, "0.30000000000000004", "0.30000000000000004"},
        {plugin::ParameterType::number, "3.0000000000000004e-1", "0.30000000000000004"},
        {plugin::ParameterType::number, "0.3000000000000000", "0.3"},
        {plugin::ParameterType::number, "100000", "1e+05"},
        {plugin::ParameterType::number, "-0.0", "-0"},
        {plugin::ParameterType::integer, "007", "7"},
        {plugin::ParameterType::integer, "100000", "100000"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.spelled);
        plugin::Description description;
        description.kind = plugin::Kind::accuracy_proxy;
        description.id = "sample";
        description.parameters = {{"value", "", one.type, false, -1e6, 1e6, one.spelled, {}}};
        const auto read = [&](const std::string& text) {
            return search::read_arguments(input::parse_yaml(text, "run.yaml"), description).at("value");
        };
        const std::string by_default = read("id: sample\n");
        CHECK(by_default == one.canonical);
        CHECK(read("{id: sample, value: " + one.spelled + "}\n") == one.canonical);
        CHECK(read("{id: sample, value: " + by_default + "}\n") == by_default);
    }
}

TEST_CASE("a wrong argument is answered at its own line with the nearest name") {
    const auto unknown = fault("id: sample\nsetting: lan\ncuont: 3\n");
    CHECK(unknown.location.file == "run.yaml");
    CHECK(unknown.location.line == 3);
    CHECK(unknown.found == "'cuont'");
    CHECK(unknown.nearest == "count");

    const auto choice = fault("id: sample\nsetting: lam\n");
    CHECK(choice.location.line == 2);
    CHECK(choice.expected == "'local', 'lan' or 'wan'");
    CHECK(choice.nearest == "lan");

    const auto range = fault("id: sample\nsetting: lan\ncached: true\ncount: 101\n");
    CHECK(range.location.line == 4);
    CHECK(range.found == "'101'");
    CHECK(range.expected == "a whole number from 1 to 100");

    CHECK(fault("id: sample\nsetting: lan\nweight: heavy\n").location.line == 3);
    CHECK(fault("id: sample\nsetting: lan\ncached: 1\n").expected == "true or false");
    CHECK(fault("id: sample\ncount: 3\n").expected == "'setting'");
}
