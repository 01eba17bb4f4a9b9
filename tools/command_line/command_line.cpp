// SPDX-License-Identifier: Apache-2.0
#include "tools/command_line/command_line.hpp"

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "engine/input/input_error.hpp"
#include "engine/plugin/description.hpp"
#include "tools/command_line/stop_request.hpp"

namespace sotto::tools {
namespace {

// The command that was typed, or the program itself.
const CLI::App& typed_command(const CLI::App& app) {
    const auto commands = app.get_subcommands();
    return commands.empty() ? app : *commands.front();
}

// CLI11 names what it did not expect, but not what was probably meant.
std::string with_nearest(const CLI::App& app, std::string text) {
    std::vector<std::string> names;
    for (const CLI::Option* option : typed_command(app).get_options()) {
        for (const std::string& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    for (const CLI::App* command : app.get_subcommands({})) {
        names.push_back(command->get_name());
    }
    const std::vector<std::string_view> views(names.begin(), names.end());
    for (const std::string& argument : app.remaining(true)) {
        const std::string_view nearest = input::nearest_name(argument.substr(0, argument.find('=')), views);
        if (!nearest.empty()) {
            return text + "; did you mean '" + std::string(nearest) + "'?";
        }
    }
    return text;
}

}  // namespace

int refuse_command_line(const CLI::App& app, const std::string& text) {
    const std::string& program = app.get_name();
    std::fprintf(stderr, "%s: %s\n%s --help lists the options\n", program.c_str(), text.c_str(), program.c_str());
    return bad_input;
}

std::optional<int> parse_command_line(CLI::App& app, int argument_count, const char* const* arguments) {
    try {
        app.parse(argument_count, arguments);
        return std::nullopt;
    } catch (const CLI::CallForHelp&) {
        std::fputs(app.help().c_str(), stdout);  // of the command, where one was typed
        return done;
    } catch (const CLI::CallForVersion& version) {
        std::printf("%s\n", version.what());
        return done;
    } catch (const CLI::ExtrasError& error) {
        return refuse_command_line(app, with_nearest(app, error.what()));
    } catch (const CLI::ParseError& error) {
        return refuse_command_line(app, error.what());
    }
}

int run_guarded(const std::string& program, const std::function<int()>& body) {
    const auto say = [&](const char* text) { std::fprintf(stderr, "%s: %s\n", program.c_str(), text); };
    try {
        return body();
    } catch (const Interrupted&) {
        std::fprintf(stderr, "%s: stopped (%s)\n", program.c_str(), std::string(to_text(stop_reason())).c_str());
        return interrupted;
    } catch (const input::InputError& error) {
        say(error.what());
        return bad_input;
    } catch (const plugin::PluginError& error) {
        say(error.what());
        return bad_input;
    } catch (const std::exception& error) {
        say(error.what());
        return failed;
    }
}

void print_result(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
        throw std::runtime_error("standard output cannot be written");
    }
}

}  // namespace sotto::tools
