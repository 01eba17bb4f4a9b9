// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

#include "engine/input/input_error.hpp"
#include "engine/plugin/library_search.hpp"
#include "engine/plugin/registry.hpp"
#include "tools/command_line/unfinished_work.hpp"
#include "tools/installed/installed_plugins.hpp"
#include "tools/nas-plugin/commands.hpp"
#include "tools/nas-plugin/description_report.hpp"

namespace sotto::tools {
namespace {

struct InfoOptions {
    std::string plugin;
    std::vector<std::string> parameters;
    bool allow_writable = false;
    bool json = false;
};

struct Described {
    plugin::Description description;
    OfferedExtensions extensions;
};

// `NAME=VALUE` of --param, where the plug-in declares NAME.
std::map<std::string, std::string> arguments_for(const plugin::Description& description,
                                                 const std::vector<std::string>& parameters) {
    std::map<std::string, std::string> arguments;
    for (const std::string& parameter : parameters) {
        const std::size_t equals = parameter.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw input::InputError({{}, "--param", '\'' + parameter + '\'', "NAME=VALUE", {}});
        }
        const std::string name = parameter.substr(0, equals);
        if (std::any_of(description.parameters.begin(), description.parameters.end(),
                        [&](const plugin::Parameter& declared) { return declared.name == name; })) {
            arguments[name] = parameter.substr(equals + 1);
        }
    }
    return arguments;
}

// Extensions belong to instances, and not every plug-in can be made without being told more.
OfferedExtensions extensions_of(plugin::Registry& registry, const plugin::Description& description,
                                const std::vector<std::string>& parameters) {
    const std::map<std::string, std::string> arguments = arguments_for(description, parameters);
    std::string missing;
    for (const plugin::Parameter& parameter : description.parameters) {
        if (parameter.required && arguments.count(parameter.name) == 0) {
            missing += " --param " + parameter.name + "=VALUE";
        }
    }
    if (!missing.empty()) {
        return {{}, "an instance is made with" + missing};
    }
    try {
        return {registry.offered_extensions(description.kind, description.id, arguments), {}};
    } catch (const plugin::PluginError& error) {
        return {{}, error.what()};
    }
}

std::vector<Described> described(plugin::Registry& registry, const std::vector<plugin::Description>& chosen,
                                 const std::vector<std::string>& parameters) {
    std::vector<Described> result;
    result.reserve(chosen.size());
    for (const plugin::Description& description : chosen) {
        result.push_back({description, extensions_of(registry, description, parameters)});
    }
    return result;
}

// The plug-ins that the text means: all of a library, or those of an id.
std::vector<Described> described(const InfoOptions& options) {
    const std::vector<std::string> directories = plugin_directories();
    const plugin::Writable writable = options.allow_writable ? plugin::Writable::allow : plugin::Writable::refuse;
    plugin::Registry alone({});
    if (plugin::is_path(options.plugin)) {
        alone.load_library(options.plugin, writable);
        return described(alone, alone.list(), options.parameters);
    }
    plugin::Registry registry({});
    const InstalledPlugins installed(registry, directories);
    const std::vector<plugin::Description> known = installed.known();
    std::vector<plugin::Description> found;
    for (const plugin::Description& description : known) {
        if (description.id == options.plugin) {
            found.push_back(registry.describe(description.kind, description.id));
        }
    }
    if (found.empty()) {
        alone.load_library(find_installed_library(options.plugin, directories, known), writable);
        return described(alone, alone.list(), options.parameters);
    }
    return described(registry, found, options.parameters);
}

int run_info(const InfoOptions& options) {
    const UnfinishedWork unfinished("nas-plugin", "'nas-plugin check LIB' tells in which call");
    nlohmann::json plugins = nlohmann::json::array();
    std::string text;
    for (const Described& one : described(options)) {
        plugins.push_back(description_json(one.description));
        plugins.back()["extensions"] = one.extensions.unknown.empty() ? nlohmann::json(one.extensions.ids) : nullptr;
        text += (text.empty() ? "" : "\n") + description_text(one.description, one.extensions);
    }
    std::printf("%s", options.json ? (plugins.dump(2) + '\n').c_str() : text.c_str());
    return 0;
}

}  // namespace

void add_info_command(CLI::App& app, int& exit_code) {
    const auto options = std::make_shared<InfoOptions>();
    CLI::App* const command = app.add_subcommand(
        "info", "Says what the plug-ins of a library, or of an id, declare and offer: metrics, parameters, extensions");
    command
        ->add_option("PLUGIN", options->plugin,
                     "Path of a library (with '/' or '.so'), name of an installed one, or id")
        ->required();
    command
        ->add_option("--param", options->parameters,
                     "Value of a parameter, for plug-ins that cannot be made without (can be repeated)")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    command->add_flag("--allow-writable", options->allow_writable, "Load a library that others can write to");
    command->add_flag("--json", options->json, "Print a JSON array with one object a plug-in");
    command->callback([options, &exit_code] { exit_code = run_info(*options); });
}

}  // namespace sotto::tools
