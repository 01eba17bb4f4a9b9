// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

#include "engine/plugin/registry.hpp"
#include "tools/command_line/unfinished_work.hpp"
#include "tools/installed/installed_plugins.hpp"
#include "tools/nas-plugin/commands.hpp"
#include "tools/nas-plugin/description_report.hpp"

namespace sotto::tools {
namespace {

int run_list(bool json) {
    const UnfinishedWork unfinished("nas-plugin", "'nas-plugin check LIB' tells in which call");
    plugin::Registry registry({});
    const std::vector<std::string> directories = plugin_directories();
    const InstalledPlugins installed(registry, directories);
    int exit_code = 0;
    for (const std::string& directory : directories) {
        for (const std::string& library : libraries_without_manifest(directory)) {
            try {
                registry.load_library(library);
            } catch (const plugin::PluginError& error) {
                std::fprintf(stderr, "nas-plugin: %s\n", error.what());
                exit_code = 1;
            }
        }
    }
    nlohmann::json plugins = nlohmann::json::array();
    std::string text;
    for (const plugin::Description& description : installed.known()) {
        plugins.push_back(description_json(description));
        text += to_text(description.kind) + ' ' + description.id + ' ' + description.version + " (" +
                place_of(description) + ")\n    " + description.description + '\n';
    }
    std::printf("%s", json ? (nlohmann::json{{"directories", directories}, {"plugins", plugins}}.dump(2) + '\n').c_str()
                           : text.c_str());
    return exit_code;
}

}  // namespace

void add_list_command(CLI::App& app, int& exit_code) {
    CLI::App* const command = app.add_subcommand(
        "list", "Lists the plug-ins that are built in, and those in SOTTO_PLUGIN_PATH and lib/sotto/plugins");
    const auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "Print everything they declare as one JSON object");
    command->callback([json, &exit_code] { exit_code = run_list(*json); });
}

}  // namespace sotto::tools
