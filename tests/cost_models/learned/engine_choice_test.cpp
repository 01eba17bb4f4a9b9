// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/engine_choice.hpp"

#include "engine/input/input_error.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::learned;
using nlohmann::json;

TEST_CASE("an engine has the bit length and threads that its file says or its own") {
    const auto of = [](const std::string& engine, const json& parameters, const std::string& setting) {
        return engine_profile({engine, parameters}, setting, "a.model");
    };
    CHECK(of("opencheetah-2023", json::object(), "lan").parameters().bit_length == 41);
    CHECK(of("opencheetah-2022", json::object(), "lan").parameters().bit_length == 37);
    const protocol::EngineProfile narrow = of("opencheetah-2023", {{"bit_length", 37}}, "lan");
    CHECK(narrow.name() == "opencheetah-2023");
    CHECK(narrow.parameters().bit_length == 37);
    // The sizes that follow from it: a ring below 2^40 has the smaller modulus.
    CHECK(narrow.ring_ciphertexts().upload_bytes() <
          of("opencheetah-2023", json::object(), "lan").ring_ciphertexts().upload_bytes());

    CHECK(of("opencheetah-2022", json::object(), "local").parameters().threads == 4);
    CHECK(of("opencheetah-2022", json::object(), "wan").parameters().threads == 1);
    CHECK(of("opencheetah-2023", json::object(), "local").parameters().threads == 1);
    CHECK(of("opencheetah-2022", {{"threads", 3}}, "local").parameters().threads == 3);
}

TEST_CASE("engines and parameters that make no sense are refused with the file") {
    const auto refused = [](const std::string& engine, const json& parameters, const std::string& reason) {
        INFO(engine << ' ' << parameters);
        CHECK_THROWS_WITH(engine_profile({engine, parameters}, "lan", "a.model"),
                          matchers::contains_text("a.model") && matchers::contains_text(reason));
    };
    refused("opencheetah-2023", {{"bit_length", 7}}, "bit_length");
    refused("opencheetah-2023", {{"bit_length", 45}}, "bit_length");
    refused("opencheetah-2023", {{"bit_length", 37.5}}, "bit_length");
    refused("opencheetah-2023", {{"bit_length", "37"}}, "bit_length");
    refused("opencheetah-2023", {{"threads", 0}}, "threads");
    refused("opencheetah-2023", {{"threads", 257}}, "threads");
    // In range, but 12 fractional bits do not fit into it.
    refused("opencheetah-2023", {{"bit_length", 12}}, "scale");
    refused("opencheetah", json::object(), "opencheetah-2022");
    refused("cryptflow2", json::object(), "can be counted");
}
