// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <string>

#include "cost_models/analytical/coefficients.hpp"
#include "cost_models/analytical/coefficients_format.hpp"

namespace sotto::analytical {
namespace {

constexpr std::array<std::string_view, format::text_keys.size()> texts = {
    "analytical",
    "milliseconds of wall clock time of one operation on one role, waiting for the other role included: intercept_ms "
    "plus, for every feature, ms_per_unit times (value - least); never less than 0",
    "Zhang and Mann, Predicting the execution time of secure neural network inference, SEC 2024: features and method",
    "github.com/Eloise2000/SNNI-Performance-Evaluator, commit 798d6b5: 46 networks of batch size 1, OpenCheetah "
    "through "
    "EzPC, bit length 41, 12 fractional bits, 15 runs each (local, lan) or 10 (wan)",
    "rows whose time is 0 ms, as in the published figures (mean of a local client ReLU: 719 ms)",
    "non-negative least squares on min-max scaled features; in_sample: all rows; shuffled_rows: cross-validation with "
    "10 folds (local) or 5 over shuffled rows, as published; unseen_configurations: 5 folds that keep all rows of a "
    "layer configuration together",
    "mul, an elementwise product, was not measured and is priced as a bn of the same size: the same "
    "ciphertext-plaintext product on one cross term",
};

// The shortest text that reads back as the same double.
std::string number(double value) {
    char buffer[32];
    return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

std::string quoted(std::string_view text) {
    return '"' + std::string(text) + '"';
}

std::string member(std::string_view key, const std::string& value) {
    return quoted(key) + ": " + value;
}

std::string errors_json(const Errors& errors) {
    return "{ " + member(format::r2, number(errors.r2)) + ", " + member(format::mae_ms, number(errors.mae_ms)) + " }";
}

std::string fit_json(Setting setting, Role role, LayerType type, const Coefficients& coefficients) {
    const Fit& fit = coefficients.fit(setting, role, type);
    const LayerTypeInfo& layer = info(type);
    const std::string indent = "      ";
    std::string text = "    {\n" + indent;
    text += member(format::setting, quoted(setting_names()[static_cast<std::size_t>(setting)])) + ", ";
    text += member(format::role, quoted(role_names()[static_cast<std::size_t>(role)])) + ", ";
    text += member(format::layer, quoted(layer.name)) + ",\n" + indent;
    text += member(format::rows, std::to_string(fit.rows)) + ", ";
    text += member(format::rows_left_out, std::to_string(fit.rows_left_out)) + ",\n" + indent;
    text += member(format::intercept_ms, number(fit.intercept_ms)) + ",\n" + indent;
    text += quoted(format::features) + ": [\n";
    for (std::size_t i = 0; i < fit.terms.size(); ++i) {
        const Fit::Term& term = fit.terms[i];
        text += indent + "  { " + member(format::feature, quoted(layer.features[i])) + ", " +
                member(format::ms_per_unit, number(term.ms_per_unit)) + ", " +
                member(format::least, number(term.least)) + ", " + member(format::most, number(term.most)) +
                (i + 1 < fit.terms.size() ? " },\n" : " }\n");
    }
    text += indent + "],\n" + indent;
    text += member(format::in_sample, errors_json(fit.in_sample)) + ",\n" + indent;
    text += member(format::shuffled_rows, errors_json(fit.shuffled_rows)) + ",\n" + indent;
    text += member(format::unseen_configurations, errors_json(fit.unseen_configurations)) + "\n    }";
    return text;
}

}  // namespace

std::string to_json(const Coefficients& coefficients) {
    std::string text = "{\n  " + member(format::format, quoted(format::format_name)) + ",\n";
    for (std::size_t i = 0; i < texts.size(); ++i) {
        text += "  " + member(format::text_keys[i], quoted(texts[i])) + ",\n";
    }
    text += "  " + quoted(format::fits) + ": [\n";
    bool is_first = true;
    for (std::size_t setting = 0; setting < setting_count; ++setting) {
        for (std::size_t role = 0; role < role_count; ++role) {
            for (std::size_t type = 0; type < layer_type_count; ++type) {
                text += is_first ? "" : ",\n";
                is_first = false;
                text += fit_json(static_cast<Setting>(setting), static_cast<Role>(role), static_cast<LayerType>(type),
                                 coefficients);
            }
        }
    }
    return text + "\n  ]\n}\n";
}

}  // namespace sotto::analytical
