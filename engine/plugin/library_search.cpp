// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/library_search.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "engine/input/input_error.hpp"
#include "engine/plugin/description.hpp"

namespace sotto::plugin {
namespace {

namespace fs = std::filesystem;

void refuse_writable_file(const std::string& library, const fs::path& file, const char* what) {
    std::error_code error;
    const fs::perms mode = fs::status(file, error).permissions();
    if (error) {
        throw PluginError("plug-in library '" + library + "': cannot be examined: " + error.message());
    }
    const bool by_group = (mode & fs::perms::group_write) != fs::perms::none;
    const bool by_others = (mode & fs::perms::others_write) != fs::perms::none;
    if (by_group || by_others) {
        throw PluginError("plug-in library '" + library + "': found " + what + " '" + file.string() + "' writable by " +
                          (by_others ? "everybody" : "its group") +
                          ", expected one that its owner alone can change (chmod go-w), or the library named by its "
                          "path with --allow-writable, or with 'allow_writable: true' under 'plugins' of a "
                          "configuration");
    }
}

}  // namespace

std::vector<std::string> search_directories(std::string_view environment, const std::string& installed) {
    std::vector<std::string> directories;
    const auto add = [&](std::string_view directory) {
        if (directory.starts_with('/') &&
            std::find(directories.begin(), directories.end(), directory) == directories.end()) {
            directories.emplace_back(directory);
        }
    };
    while (!environment.empty()) {
        const std::size_t end = std::min(environment.find(':'), environment.size());
        add(environment.substr(0, end));
        environment.remove_prefix(std::min(end + 1, environment.size()));
    }
    add(installed);
    return directories;
}

bool is_path(std::string_view text) {
    return text.find('/') != std::string_view::npos || text.ends_with(".so");
}

std::string find_library(const std::string& name, const std::vector<std::string>& directories) {
    if (is_path(name)) {
        return name;
    }
    std::vector<std::string> present;
    std::string searched;
    for (const std::string& directory : directories) {
        std::error_code error;
        if (const fs::path candidate = fs::path(directory) / (name + ".so"); fs::is_regular_file(candidate, error)) {
            return candidate.string();
        }
        for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
            if (entry->path().extension() == ".so") {
                present.push_back(entry->path().stem().string());
            }
        }
        searched += (searched.empty() ? "'" : ", '") + directory + '\'';
    }
    const std::vector<std::string_view> views(present.begin(), present.end());
    const std::string_view nearest = input::nearest_name(name, views);
    throw PluginError("plug-in library '" + name + "': found no '" + name + ".so' in " +
                      (searched.empty() ? "any directory (none is set)" : searched) +
                      ", expected it there, or a path with '/' or '.so'" +
                      (nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?"));
}

void refuse_writable(const std::string& path) {
    std::error_code error;
    const fs::path given = fs::absolute(path, error);
    const fs::path real = fs::canonical(path, error);
    if (error) {
        throw PluginError("plug-in library '" + path + "': cannot be resolved: " + error.message());
    }
    refuse_writable_file(path, real, "the file");
    refuse_writable_file(path, real.parent_path(), "the directory");
    refuse_writable_file(path, given.parent_path(), "the directory");
}

}  // namespace sotto::plugin
