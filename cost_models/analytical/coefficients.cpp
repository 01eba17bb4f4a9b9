// SPDX-License-Identifier: Apache-2.0
#include "cost_models/analytical/coefficients.hpp"

#include <string_view>

#include "cost_models/model_file/json_fields.hpp"

namespace sotto::analytical {
namespace {

using model_file::JsonFields;
using nlohmann::json;

constexpr std::int64_t version = 2;
constexpr std::array<std::string_view, role_count> roles = {"client", "server"};

// Key and text: what a reader of the file alone has to know.
constexpr std::array<std::array<std::string_view, 2>, 4> texts = {{
    {"predicts",
     "milliseconds of wall clock time of one operation on one role, waiting for the other role included: "
     "intercept_ms plus, for every feature, ms_per_unit times (value - least); never less than 0"},
    {"method",
     "Zhang and Mann, Predicting the execution time of secure neural network inference, SEC 2024: "
     "non-negative least squares on min-max scaled features"},
    {"left_out", "times of 0 ms, as in the published figures"},
    {"substitutes",
     "mul, an elementwise product, is priced as a bn of the same size: the same ciphertext-plaintext "
     "product on one cross term"},
}};
constexpr std::string_view fits_key = "fits";
constexpr std::string_view deviation_key = "network_deviation";
constexpr std::array<std::string_view, 6> root_keys = {texts[0][0], texts[1][0], texts[2][0],
                                                       texts[3][0], fits_key,    deviation_key};
constexpr std::array<std::string_view, 6> fit_keys = {"role",          "layer",        "rows",
                                                      "rows_left_out", "intercept_ms", "features"};
constexpr std::array<std::string_view, 4> feature_keys = {"feature", "ms_per_unit", "least", "most"};

constexpr double largest_ms = 1e9;
constexpr double largest_deviation = 10;
constexpr double largest_feature = 1e18;
constexpr std::int64_t most_rows = 1'000'000'000;

template <typename Names>
std::size_t index_of(const Names& names, const std::string& name) {
    std::size_t index = 0;
    while (names[index] != name) {
        ++index;
    }
    return index;
}

Fit::Term read_term(const JsonFields& fields, std::string_view expected_name) {
    fields.require_keys(feature_keys);
    if (fields.text("feature") != expected_name) {
        fields.fail("feature", "out of order or unknown", '\'' + std::string(expected_name) + '\'');
    }
    Fit::Term term;
    term.ms_per_unit = fields.number("ms_per_unit", 0, largest_ms);
    term.least = fields.number("least", 0, largest_feature);
    term.most = fields.number("most", term.least, largest_feature);
    return term;
}

Fit read_fit(const JsonFields& fields, const LayerTypeInfo& type) {
    Fit fit;
    fit.rows = fields.integer("rows", 1, most_rows);
    fit.rows_left_out = fields.integer("rows_left_out", 0, most_rows);
    fit.intercept_ms = fields.number("intercept_ms", 0, type.has_intercept ? largest_ms : 0);
    const std::vector<JsonFields> terms = fields.objects("features");
    if (terms.size() != type.features.size()) {
        fields.fail("features", {}, std::to_string(type.features.size()) + " of '" + std::string(type.name) + '\'');
    }
    for (std::size_t i = 0; i < terms.size(); ++i) {
        fit.terms.push_back(read_term(terms[i], type.features[i]));
    }
    return fit;
}

json fit_json(std::string_view role, const LayerTypeInfo& layer, const Fit& fit) {
    json features = json::array();
    for (std::size_t i = 0; i < fit.terms.size(); ++i) {
        const Fit::Term& term = fit.terms[i];
        features.push_back({{"feature", layer.features[i]},
                            {"ms_per_unit", term.ms_per_unit},
                            {"least", term.least},
                            {"most", term.most}});
    }
    return {{"role", role},
            {"layer", layer.name},
            {"rows", fit.rows},
            {"rows_left_out", fit.rows_left_out},
            {"intercept_ms", fit.intercept_ms},
            {"features", std::move(features)}};
}

}  // namespace

Coefficients read_coefficients(const model_file::ModelFile& model, const std::string& name) {
    if (model.model_version != version || !model.tensors.empty() || model.roles.size() != role_count) {
        throw input::InputError({{name, 0, 0},
                                 "is no model that this version of 'analytical' reads",
                                 "version " + std::to_string(model.model_version) + ", " +
                                     std::to_string(model.tensors.size()) + " tensors, " +
                                     std::to_string(model.roles.size()) + " roles",
                                 "version " + std::to_string(version) + ", no tensors, 2 roles",
                                 {}});
    }
    const JsonFields root(model.parameters, name, "parameters");
    root.require_keys(root_keys);
    for (const auto& [key, text] : texts) {
        static_cast<void>(root.text(key));
    }
    Coefficients coefficients;
    if (!root.at(deviation_key).is_null()) {
        coefficients.network_deviation = root.number(deviation_key, 0, largest_deviation);
    }
    for (const JsonFields& fields : root.objects(fits_key)) {
        fields.require_keys(fit_keys);
        const auto role = static_cast<Role>(index_of(roles, fields.one_of("role", roles)));
        const auto type =
            static_cast<LayerType>(index_of(layer_type_names(), fields.one_of("layer", layer_type_names())));
        Fit& fit = coefficients.fit(role, type);
        if (fit.rows != 0) {
            fields.fail("layer", "a fit stands twice", "one for each role and layer");
        }
        fit = read_fit(fields, info(type));
    }
    for (std::size_t i = 0; i < layer_type_count; ++i) {
        const auto type = static_cast<LayerType>(i);
        const bool has_client = coefficients.fit(Role::client, type).rows > 0;
        if (has_client != (coefficients.fit(Role::server, type).rows > 0)) {
            root.fail(fits_key, "a fit is missing",
                      std::string(has_client ? roles[1] : roles[0]) + ' ' + std::string(info(type).name));
        }
    }
    return coefficients;
}

void write_coefficients(const Coefficients& coefficients, model_file::ModelFile& model) {
    model.model = "analytical";
    model.model_version = version;
    model.roles = {roles.begin(), roles.end()};
    model.features.clear();
    model.parameters = json::object();
    model.tensors.clear();
    for (const auto& [key, text] : texts) {
        model.parameters[std::string(key)] = text;
    }
    model.parameters[std::string(deviation_key)] =
        coefficients.network_deviation ? json(*coefficients.network_deviation) : json(nullptr);
    json& fits = model.parameters[std::string(fits_key)] = json::array();
    for (std::size_t r = 0; r < role_count; ++r) {
        for (std::size_t t = 0; t < layer_type_count; ++t) {
            const LayerTypeInfo& layer = info(static_cast<LayerType>(t));
            const Fit& fit = coefficients.fit(static_cast<Role>(r), static_cast<LayerType>(t));
            if (fit.rows == 0) {
                continue;
            }
            fits.push_back(fit_json(roles[r], layer, fit));
            for (std::size_t i = 0; r == 0 && i < layer.features.size(); ++i) {
                model.features.push_back(std::string(layer.name) + ": " + std::string(layer.features[i]));
            }
        }
    }
}

}  // namespace sotto::analytical
