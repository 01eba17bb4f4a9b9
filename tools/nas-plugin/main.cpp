// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "sotto/plugin.h"

#include "engine/input/input_error.hpp"
#include "engine/plugin/description.hpp"
#include "tools/nas-plugin/check_command.hpp"
#include "tools/nas-plugin/commands.hpp"
#include "tools/nas-run/versions.hpp"

namespace {

int refuse(const std::string& text) {
    std::fprintf(stderr, "nas-plugin: %s\nnas-plugin --help lists the commands\n", text.c_str());
    return 2;
}

// CLI11 names what it did not expect, but not what was probably meant.
std::string with_nearest(const CLI::App& app, std::string text) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({})) {
        names.push_back(command->get_name());
    }
    const std::vector<std::string_view> views(names.begin(), names.end());
    for (const std::string& argument : app.remaining()) {
        const std::string_view nearest = sotto::input::nearest_name(argument, views);
        if (!nearest.empty()) {
            return text + "; did you mean '" + std::string(nearest) + "'?";
        }
    }
    return text;
}

}  // namespace

int main(int argument_count, char** arguments) {
    CLI::App app{"Lists, describes, checks and begins plug-ins: cost models and accuracy proxies.", "nas-plugin"};
    app.footer(
        "Results go to standard output, everything else to standard error.\n"
        "Exit codes: 0 done, 1 failed, 2 bad input. Guide: docs/plugin_authors.md.");
    app.set_version_flag("--version", "nas-plugin " + sotto::tools::engine_version() + "\nplug-in ABI " +
                                          std::to_string(SOTTO_PLUGIN_ABI_VERSION));
    app.require_subcommand(0, 1);
    int exit_code = 2;
    try {
        sotto::tools::add_list_command(app, exit_code);
        sotto::tools::add_info_command(app, exit_code);
        sotto::tools::add_new_command(app, exit_code);
        sotto::tools::add_check_command(app, exit_code);
        app.parse(argument_count, arguments);
        return app.get_subcommands().empty() ? refuse("found no command, expected one") : exit_code;
    } catch (const CLI::CallForHelp&) {
        std::fputs(app.help().c_str(), stdout);  // of the command, where one was typed
        return 0;
    } catch (const CLI::CallForVersion& version) {
        std::printf("%s\n", version.what());
        return 0;
    } catch (const CLI::ParseError& error) {
        return refuse(with_nearest(app, error.what()));
    } catch (const sotto::plugin::PluginError& error) {
        std::fprintf(stderr, "nas-plugin: %s\n", error.what());
        return 2;
    } catch (const sotto::input::InputError& error) {
        std::fprintf(stderr, "nas-plugin: %s\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "nas-plugin: %s\n", error.what());
        return 1;
    }
}
