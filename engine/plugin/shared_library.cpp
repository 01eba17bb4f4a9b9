// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/shared_library.hpp"

#include <dlfcn.h>

#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "engine/input/input_error.hpp"
#include "engine/plugin/border_call.hpp"

namespace sotto::plugin {
namespace {

namespace fs = std::filesystem;

constexpr const char* entry_symbol = "sotto_plugin_entry";

std::string nearest_library(const fs::path& path) {
    std::vector<std::string> names;
    std::error_code error;
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->path().extension() == ".so") {
            names.push_back(entry->path().filename().string());
        }
    }
    const std::vector<std::string_view> views(names.begin(), names.end());
    return std::string(input::nearest_name(path.filename().string(), views));
}

std::string loader_error() {
    const char* text = dlerror();
    return text == nullptr ? "the loader gives no reason" : text;
}

}  // namespace

std::string resolve_library(const std::string& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) {
        const std::string nearest = nearest_library(path);
        throw PluginError("plug-in library '" + path + "': found no such file, expected a shared library" +
                          (nearest.empty() ? "" : "; did you mean '" + nearest + "'?"));
    }
    if (!fs::is_regular_file(status)) {
        throw PluginError("plug-in library '" + path + "': found " +
                          (fs::is_directory(status) ? "a directory" : "a special file") +
                          ", expected a shared library");
    }
    const fs::path canonical = fs::canonical(path, error);
    if (error) {
        throw PluginError("plug-in library '" + path + "': cannot be resolved: " + error.message());
    }
    return canonical.string();
}

const sotto_plugin_entry_v1& open_library(const std::string& path) {
    dlerror();
    // What is linked with -ffast-math sets denormal numbers to zero in the thread that loads it.
    const FloatingPointModes modes = FloatingPointModes::current();
    void* handle = nullptr;
    {
        const BorderCrossing crossing(path.c_str(), "what runs when it is loaded");
        handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    }
    modes.restore();
    if (handle == nullptr) {
        throw PluginError("plug-in library '" + path + "': cannot be loaded: found " + loader_error() +
                          ", expected a shared library for this platform");
    }
    // The handle is never closed: threads of a library such as LibTorch may outlive everything that used it.
    const void* symbol = dlsym(handle, entry_symbol);
    if (symbol == nullptr) {
        throw PluginError("plug-in library '" + path + "': found no symbol '" + entry_symbol +
                          "', expected a library built against sotto/plugin.h");
    }
    return *static_cast<const sotto_plugin_entry_v1*>(symbol);
}

}  // namespace sotto::plugin
