// SPDX-License-Identifier: Apache-2.0
#include "tools/manifest/plugin_manifest.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <system_error>

#include <nlohmann/json.hpp>

namespace sotto::tools {
namespace {

using nlohmann::json;

constexpr int manifest_format = 1;

// JSON has no infinity; a parameter without a bound has one.
json bound(double value) {
    if (value == std::numeric_limits<double>::infinity()) {
        return "inf";
    }
    if (value == -std::numeric_limits<double>::infinity()) {
        return "-inf";
    }
    return value;
}

double read_bound(const json& value) {
    if (value.is_string()) {
        return value == "inf" ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
    }
    return value.get<double>();
}

json metric_json(const plugin::Metric& metric) {
    return {{"name", metric.name},
            {"unit", metric.unit},
            {"description", metric.description},
            {"direction", static_cast<int>(metric.direction)},
            {"non_negative", metric.non_negative}};
}

plugin::Metric read_metric(const json& object) {
    return {object.at("name"), object.at("unit"), object.at("description"),
            static_cast<plugin::Direction>(object.at("direction").get<int>()), object.at("non_negative")};
}

json parameter_json(const plugin::Parameter& parameter) {
    return {{"name", parameter.name},
            {"help", parameter.help},
            {"type", static_cast<int>(parameter.type)},
            {"required", parameter.required},
            {"least", bound(parameter.least)},
            {"most", bound(parameter.most)},
            {"default", parameter.default_value},
            {"choices", parameter.choices}};
}

plugin::Parameter read_parameter(const json& object) {
    plugin::Parameter parameter;
    parameter.name = object.at("name");
    parameter.help = object.at("help");
    parameter.type = static_cast<plugin::ParameterType>(object.at("type").get<int>());
    parameter.required = object.at("required");
    parameter.least = read_bound(object.at("least"));
    parameter.most = read_bound(object.at("most"));
    parameter.default_value = object.at("default");
    parameter.choices = object.at("choices").get<std::vector<std::string>>();
    return parameter;
}

json plugin_json(const plugin::Description& description) {
    json object = {{"kind", static_cast<int>(description.kind)},
                   {"id", description.id},
                   {"version", description.version},
                   {"description", description.description},
                   {"needs_network", description.needs_network},
                   {"needs_program", description.needs_program},
                   {"deterministic", description.deterministic},
                   {"thread_level", static_cast<int>(description.thread_level)},
                   {"typical_cost_us", description.typical_cost_us},
                   {"metrics", json::array()},
                   {"parameters", json::array()}};
    for (const plugin::Metric& metric : description.metrics) {
        object["metrics"].push_back(metric_json(metric));
    }
    for (const plugin::Parameter& parameter : description.parameters) {
        object["parameters"].push_back(parameter_json(parameter));
    }
    return object;
}

plugin::Description read_plugin(const json& object) {
    plugin::Description description;
    description.kind = static_cast<plugin::Kind>(object.at("kind").get<int>());
    description.id = object.at("id");
    description.version = object.at("version");
    description.description = object.at("description");
    description.needs_network = object.at("needs_network");
    description.needs_program = object.at("needs_program");
    description.deterministic = object.at("deterministic");
    description.thread_level = static_cast<plugin::ThreadLevel>(object.at("thread_level").get<int>());
    description.typical_cost_us = object.at("typical_cost_us");
    for (const json& metric : object.at("metrics")) {
        description.metrics.push_back(read_metric(metric));
    }
    for (const json& parameter : object.at("parameters")) {
        description.parameters.push_back(read_parameter(parameter));
    }
    return description;
}

}  // namespace

std::string to_manifest(std::span<const plugin::Description> plugins, const std::string& library_file_name) {
    json document = {{"format", manifest_format}, {"library", library_file_name}, {"plugins", json::array()}};
    for (const plugin::Description& description : plugins) {
        document["plugins"].push_back(plugin_json(description));
    }
    return document.dump(2) + '\n';
}

std::vector<plugin::Description> read_manifest(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    try {
        const json document = json::parse(stream);
        if (document.at("format") != manifest_format) {
            throw plugin::PluginError(path.string() + ": found manifest format " + document.at("format").dump() +
                                      ", expected " + std::to_string(manifest_format));
        }
        const std::string library = (path.parent_path() / document.at("library").get<std::string>()).string();
        std::vector<plugin::Description> plugins;
        for (const json& object : document.at("plugins")) {
            plugins.push_back(read_plugin(object));
            plugins.back().library = library;
        }
        return plugins;
    } catch (const json::exception& error) {
        throw plugin::PluginError(path.string() + ": not a plug-in manifest: " + error.what());
    }
}

std::vector<plugin::Description> read_manifests(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
        if (entry.path().extension() == ".json") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    std::vector<plugin::Description> result;
    for (const std::filesystem::path& file : files) {
        for (plugin::Description& description : read_manifest(file)) {
            if (std::filesystem::exists(description.library, none)) {
                result.push_back(std::move(description));
            }
        }
    }
    return result;
}

bool declares_same(const plugin::Description& left, const plugin::Description& right) {
    return plugin_json(left) == plugin_json(right);
}

}  // namespace sotto::tools
