// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

#include "engine/plugin/registry.hpp"
#include "tools/installed/installed_plugins.hpp"
#include "tools/nas-plugin/commands.hpp"
#include "tools/nas-plugin/description_report.hpp"
#include "tools/nas-plugin/project_template.hpp"

namespace sotto::tools {
namespace {

namespace fs = std::filesystem;

struct NewOptions {
    std::string name;
    std::string kind = "cost-model";
    std::string language = "c++";
    std::string folder;
    bool json = false;
};

// A name serves as a file, a CMake target, an identifier of C and, with '-' for '_', an id of a plug-in.
bool is_project_name(const std::string& name) {
    const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (name.empty() || name.size() > 64 || !(name.front() >= 'a' && name.front() <= 'z') || !is_plain(name.back())) {
        return false;
    }
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (!is_plain(name[i]) && !(name[i] == '_' && name[i + 1] != '_')) {
            return false;
        }
    }
    return true;
}

// Targets that CMake makes itself (policy CMP0037).
constexpr std::array<std::string_view, 10> reserved_names = {"all",           "clean",   "edit_cache",     "help",
                                                             "install",       "package", "package_source", "preinstall",
                                                             "rebuild_cache", "test"};

// Why a name that has the right form is taken; empty: it is free.
std::string taken_by(const std::string& name) {
    if (std::find(reserved_names.begin(), reserved_names.end(), name) != reserved_names.end()) {
        return "which CMake keeps for a target of its own";
    }
    plugin::Registry registry({});
    const InstalledPlugins installed(registry, plugin_directories());
    for (const plugin::Description& description : installed.known()) {
        if (description.id == plugin_id(name)) {
            return "the id of the " + to_text(description.kind) + " '" + description.id + "' (" +
                   place_of(description) + ")";
        }
    }
    return {};
}

int refuse(const std::string& text) {
    std::fprintf(stderr, "nas-plugin: %s\n", text.c_str());
    return 2;
}

int run_new(const NewOptions& options) {
    if (!is_project_name(options.name)) {
        return refuse("new: found '" + options.name +
                      "', expected a name of lower case letters, digits and single '_', from a letter to a letter or "
                      "digit, at most 64, such as my_model");
    }
    if (const std::string taken = taken_by(options.name); !taken.empty()) {
        return refuse("new: found '" + options.name + "', " + taken + "; expected another name, such as my_" +
                      options.name);
    }
    const fs::path folder = options.folder.empty() ? fs::path(options.name) : fs::path(options.folder);
    std::error_code error;
    if (fs::exists(folder, error) && !(fs::is_directory(folder, error) && fs::is_empty(folder, error))) {
        return refuse("new: found '" + folder.string() +
                      "', which is a file or not empty; expected a new or empty directory");
    }
    const plugin::Kind kind = options.kind == "cost-model" ? plugin::Kind::cost_model : plugin::Kind::accuracy_proxy;
    const auto files = project_files(options.name, kind, options.language == "c" ? Language::c : Language::cxx);
    fs::create_directories(folder, error);
    nlohmann::json written = nlohmann::json::array();
    for (const auto& [name, text] : files) {
        std::ofstream stream(folder / name, std::ios::binary);
        stream << text;
        stream.close();
        if (!stream) {
            throw std::runtime_error((folder / name).string() + ": cannot be written");
        }
        written.push_back((folder / name).string());
    }
    if (options.json) {
        std::printf("%s\n", nlohmann::json{{"folder", folder.string()}, {"files", written}}.dump(2).c_str());
        return 0;
    }
    for (const auto& file : written) {
        std::printf("%s\n", file.get<std::string>().c_str());
    }
    std::fprintf(stderr, "next: see %s\n", (folder / "README.md").c_str());
    return 0;
}

}  // namespace

void add_new_command(CLI::App& app, int& exit_code) {
    const auto options = std::make_shared<NewOptions>();
    CLI::App* const command =
        app.add_subcommand("new", "Writes a project for a plug-in: it builds, and runs in nas-run");
    command->add_option("NAME", options->name, "Name of the library and, with '-' for '_', id of the plug-in")
        ->required();
    command->add_option("--kind", options->kind, "cost-model or accuracy-proxy")
        ->capture_default_str()
        ->check(CLI::IsMember({"cost-model", "accuracy-proxy"}))
        ->type_name("KIND");
    command->add_option("--language", options->language, "c or c++")
        ->capture_default_str()
        ->check(CLI::IsMember({"c", "c++"}))
        ->type_name("LANGUAGE");
    command->add_option("--folder", options->folder, "Directory to write to; default NAME")->type_name("DIR");
    command->add_flag("--json", options->json, "Print what was written as one JSON object");
    command->callback([options, &exit_code] { exit_code = run_new(*options); });
}

}  // namespace sotto::tools
