// SPDX-License-Identifier: Apache-2.0
#include "cost_models/analytical/coefficients.hpp"

#include <functional>
#include <string>
#include <vector>

#include "cost_models/analytical/shipped_models.hpp"
#include "engine/input/input_error.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::analytical;
using sotto::matchers::contains_text;

namespace {

using nlohmann::json;
using Pointer = json::json_pointer;

model_file::ModelFile shipped(const std::string& setting) {
    return model_file::open_model("analytical", {setting, "opencheetah-2022", ""}, shipped_models()).model;
}

std::string error_of(const std::function<void(model_file::ModelFile&)>& change) {
    model_file::ModelFile model = shipped("local");
    change(model);
    try {
        read_coefficients(model, "f");
    } catch (const input::InputError& error) {
        return error.what();
    }
    return "no error";
}

std::string error_with(const std::string& pointer, const json& value) {
    return error_of([&](model_file::ModelFile& model) { model.parameters[Pointer(pointer)] = value; });
}

}  // namespace

TEST_CASE("the published measurements have a model for every setting with every layer type") {
    for (const char* setting : {"local", "lan", "wan"}) {
        const model_file::ModelFile model = shipped(setting);
        CHECK(model.setting == setting);
        CHECK(model.engine.name == "opencheetah-2022");
        const Coefficients coefficients = read_coefficients(model, "f");
        for (const Fit& fit : coefficients.fits) {
            CHECK(fit.rows > 0);
            CHECK_FALSE(fit.terms.empty());
        }
        CHECK(coefficients.network_deviation.has_value());
    }
}

TEST_CASE("writing and reading coefficients loses nothing") {
    Coefficients coefficients = read_coefficients(shipped("wan"), "f");
    coefficients.fit(Role::client, LayerType::bn) = {};
    coefficients.fit(Role::server, LayerType::bn) = {};
    model_file::ModelFile model;
    write_coefficients(coefficients, model);
    CHECK(model.model == "analytical");
    CHECK(model.roles == std::vector<std::string>{"client", "server"});
    CHECK(model.features.front() == "conv: 2 kh kw ci ho wo co");
    CHECK(read_coefficients(model, "f") == coefficients);
    CHECK_FALSE(coefficients.has(LayerType::bn));
    coefficients.network_deviation.reset();
    write_coefficients(coefficients, model);
    CHECK(read_coefficients(model, "f") == coefficients);
}

TEST_CASE("parameters of a model file that are not in order are refused by place") {
    CHECK(error_of([](auto&) {}) == "no error");
    CHECK_THAT(error_of([](auto& model) { model.model_version = 1; }),
               contains_text("f: is no model that") && contains_text("version 1, 0 tensors"));
    CHECK_THAT(error_of([](auto& model) {
                   model.tensors.push_back({"x", {}, std::vector<float>{1}});
               }),
               contains_text("1 tensors"));
    CHECK_THAT(error_of([](auto& model) { model.roles = {"client"}; }), contains_text("1 roles"));
    CHECK_THAT(error_with("/fitts", 1),
               contains_text("f: parameters: unknown key: found \"fitts\"") && contains_text("did you mean 'fits'?"));
    CHECK(error_of([](auto& model) { model.parameters.erase("method"); }) ==
          "f: parameters: a key is missing: expected 'method'");
    CHECK_THAT(error_with("/method", 1), contains_text("f: parameters.method: found 1, expected a text"));
    CHECK_THAT(error_with("/network_deviation", -0.1),
               contains_text("f: parameters.network_deviation: found -0.1, expected a number from 0.0 to 10.0"));
    CHECK(error_of([](auto& model) { model.parameters.erase("network_deviation"); }) ==
          "f: parameters: a key is missing: expected 'network_deviation'");
    CHECK_THAT(error_with("/fits", 1), contains_text("f: parameters.fits: found 1, expected a list of objects"));
    CHECK_THAT(error_with("/fits/0/role", "clients"),
               contains_text("f: parameters.fits[0].role: found \"clients\", expected 'client' or 'server'"));
    CHECK_THAT(error_with("/fits/1/layer", "gelu"),
               contains_text("f: parameters.fits[1].layer: found \"gelu\"") && contains_text("did you mean 'relu'?"));
    CHECK_THAT(error_with("/fits/1/layer", "conv"),
               contains_text("f: parameters.fits[1].layer: a fit stands twice: found \"conv\""));
    CHECK_THAT(error_of([](auto& model) { model.parameters["fits"].erase(13); }),
               contains_text("f: parameters.fits: a fit is missing") && contains_text("expected server trunc"));
    CHECK_THAT(error_with("/fits/0/rows", 0), contains_text("f: parameters.fits[0].rows: found 0, expected a whole"));
    CHECK_THAT(error_with("/fits/0/rows", 54.5), contains_text("f: parameters.fits[0].rows: found 54.5"));
    CHECK_THAT(error_with("/fits/0/intercept_ms", -278), contains_text("f: parameters.fits[0].intercept_ms"));
    CHECK_THAT(error_with("/fits/2/intercept_ms", 5),
               contains_text("f: parameters.fits[2].intercept_ms: found 5, expected a number from 0.0 to 0.0"));
    CHECK_THAT(error_with("/fits/0/features/0/ms_per_unit", -1),
               contains_text("f: parameters.fits[0].features[0].ms_per_unit: found -1"));
    CHECK_THAT(error_with("/fits/0/features/0/least", 1e17), contains_text("f: parameters.fits[0].features[0].most") &&
                                                                 contains_text("expected a number from 1e+17"));
    CHECK_THAT(
        error_with("/fits/0/features/1/feature", "8 ho wo co"),
        contains_text("f: parameters.fits[0].features[1].feature: out of order or unknown: found \"8 ho wo co\", "
                      "expected '8 h w ci'"));
    CHECK_THAT(error_of([](auto& model) { model.parameters["fits"][0]["features"].erase(3); }),
               contains_text("f: parameters.fits[0].features: found a list of 3, expected 4 of 'conv'"));
}
