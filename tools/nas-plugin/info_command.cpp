// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

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
    bool allow_writable = false;
    bool json = false;
};

// The plug-ins that the text means: all of a library, or those of an id.
std::vector<plugin::Description> described(const InfoOptions& options) {
    const std::vector<std::string> directories = plugin_directories();
    const plugin::Writable writable = options.allow_writable ? plugin::Writable::allow : plugin::Writable::refuse;
    plugin::Registry alone({});
    if (plugin::is_path(options.plugin)) {
        alone.load_library(options.plugin, writable);
        return alone.list();
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
        return alone.list();
    }
    return found;
}

int run_info(const InfoOptions& options) {
    const UnfinishedWork unfinished("nas-plugin", "'nas-plugin check LIB' tells in which call");
    nlohmann::json plugins = nlohmann::json::array();
    std::string text;
    for (const plugin::Description& description : described(options)) {
        plugins.push_back(description_json(description));
        text += (text.empty() ? "" : "\n") + description_text(description);
    }
    std::printf("%s", options.json ? (plugins.dump(2) + '\n').c_str() : text.c_str());
    return 0;
}

}  // namespace

void add_info_command(CLI::App& app, int& exit_code) {
    const auto options = std::make_shared<InfoOptions>();
    CLI::App* const command =
        app.add_subcommand("info", "Says what the plug-ins of a library, or of an id, declare: metrics, parameters");
    command
        ->add_option("PLUGIN", options->plugin,
                     "Path of a library (with '/' or '.so'), name of an installed one, or id")
        ->required();
    command->add_flag("--allow-writable", options->allow_writable, "Load a library that others can write to");
    command->add_flag("--json", options->json, "Print a JSON array with one object a plug-in");
    command->callback([options, &exit_code] { exit_code = run_info(*options); });
}

}  // namespace sotto::tools
