// SPDX-License-Identifier: Apache-2.0
#include "cost_models/analytical/coefficients.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "cost_models/analytical/coefficients_format.hpp"
#include "engine/input/input_error.hpp"
#include "engine/input/yaml_document.hpp"

namespace sotto::analytical {
namespace {

using input::InputError;
using input::YamlValue;

constexpr std::array<std::string_view, setting_count> settings = {"local", "lan", "wan"};
constexpr std::array<std::string_view, role_count> roles = {"client", "server"};

constexpr double largest_ms = 1e9;
constexpr double largest_feature = 1e18;
constexpr std::int64_t most_rows = 1'000'000'000;
constexpr std::size_t most_bytes = std::size_t{1} << 20U;

// yaml-cpp takes more than JSON; the places of errors come from it, the syntax from here.
void check_json_syntax(const std::string& text, const std::string& file_name) {
    try {
        [[maybe_unused]] const auto parsed = nlohmann::json::parse(text);
    } catch (const nlohmann::json::parse_error& error) {
        int line = 1;
        int column = 1;
        for (std::size_t i = 0; i + 1 < error.byte && i < text.size(); ++i) {
            const bool is_newline = text[i] == '\n';
            line += is_newline ? 1 : 0;
            column = is_newline ? 1 : column + 1;
        }
        throw InputError({{file_name, line, column}, "not valid JSON", {}, "a coefficient file in JSON", {}});
    } catch (const nlohmann::json::exception& error) {
        throw InputError({{file_name, 0, 0}, "not valid JSON", error.what(), "a coefficient file in JSON", {}});
    }
}

Errors read_errors(const YamlValue& fit, std::string_view key) {
    const YamlValue value = fit.require("fit", key);
    value.only_keys(key, format::error_keys);
    return {value.require(key, format::r2).as_number(format::r2, -largest_ms, 1),
            value.require(key, format::mae_ms).as_number(format::mae_ms, 0, largest_ms)};
}

Fit::Term read_term(const YamlValue& value, std::string_view expected_name) {
    value.only_keys("feature", format::feature_keys);
    const YamlValue name = value.require("feature", format::feature);
    if (name.as_text("feature") != expected_name) {
        name.fail("feature out of order or unknown", '\'' + std::string(expected_name) + '\'');
    }
    Fit::Term term;
    term.ms_per_unit = value.require("feature", format::ms_per_unit).as_number(format::ms_per_unit, 0, largest_ms);
    term.least = value.require("feature", format::least).as_number(format::least, 0, largest_feature);
    const YamlValue most = value.require("feature", format::most);
    term.most = most.as_number(format::most, term.least, largest_feature);
    return term;
}

Fit read_fit(const YamlValue& value, const LayerTypeInfo& type) {
    Fit fit;
    fit.rows = value.require("fit", format::rows).as_integer(format::rows, 1, most_rows);
    fit.rows_left_out = value.require("fit", format::rows_left_out).as_integer(format::rows_left_out, 0, most_rows);
    fit.intercept_ms = value.require("fit", format::intercept_ms)
                           .as_number(format::intercept_ms, 0, type.has_intercept ? largest_ms : 0);
    const YamlValue features = value.require("fit", format::features);
    const std::vector<YamlValue> terms = features.items(format::features);
    if (terms.size() != type.features.size()) {
        features.fail("wrong number of features of '" + std::string(type.name) + '\'',
                      std::to_string(type.features.size()));
    }
    for (std::size_t i = 0; i < terms.size(); ++i) {
        fit.terms.push_back(read_term(terms[i], type.features[i]));
    }
    fit.in_sample = read_errors(value, format::in_sample);
    fit.shuffled_rows = read_errors(value, format::shuffled_rows);
    fit.unseen_configurations = read_errors(value, format::unseen_configurations);
    return fit;
}

void check_head(const YamlValue& root) {
    root.only_keys("coefficient file", format::root_keys);
    const YamlValue version = root.require("coefficient file", format::format);
    if (version.as_text(format::format) != format::format_name) {
        version.fail("unknown format", '\'' + std::string(format::format_name) + '\'');
    }
    for (const std::string_view key : format::text_keys) {
        static_cast<void>(root.require("coefficient file", key).as_text(key));
    }
}

}  // namespace

std::span<const std::string_view> setting_names() {
    return settings;
}

std::span<const std::string_view> role_names() {
    return roles;
}

Coefficients parse_coefficients(const std::string& text, const std::string& file_name) {
    check_json_syntax(text, file_name);
    const YamlValue root = input::parse_yaml(text, file_name);
    check_head(root);
    Coefficients coefficients;
    const YamlValue list = root.require("coefficient file", format::fits);
    for (const YamlValue& value : list.items(format::fits)) {
        value.only_keys("fit", format::fit_keys);
        const auto setting =
            static_cast<Setting>(value.require("fit", format::setting).as_one_of(format::setting, settings));
        const auto role = static_cast<Role>(value.require("fit", format::role).as_one_of(format::role, roles));
        const YamlValue layer = value.require("fit", format::layer);
        const auto type = static_cast<LayerType>(layer.as_one_of(format::layer, layer_type_names()));
        Fit& fit = coefficients.fit(setting, role, type);
        if (fit.rows != 0) {
            layer.fail("a fit stands twice", "one for each setting, role and layer");
        }
        fit = read_fit(value, info(type));
    }
    for (std::size_t i = 0; i < coefficients.fits.size(); ++i) {
        if (coefficients.fits[i].rows == 0) {
            const std::size_t party = i / layer_type_count;
            list.fail("a fit is missing", std::string(settings[party / role_count]) + ' ' +
                                              std::string(roles[party % role_count]) + ' ' +
                                              std::string(layer_type_names()[i % layer_type_count]));
        }
    }
    return coefficients;
}

Coefficients read_coefficients(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::string text(most_bytes + 1, '\0');
    if (stream) {
        stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    }
    if (!stream.is_open() || stream.bad()) {
        throw InputError(
            {{path, 0, 0}, "cannot be read: " + std::string(std::strerror(errno)), {}, "a coefficient file", {}});
    }
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > most_bytes) {
        throw InputError({{path, 0, 0}, "file is too large", {}, "at most 1 MiB", {}});
    }
    return parse_coefficients(text, path);
}

}  // namespace sotto::analytical
