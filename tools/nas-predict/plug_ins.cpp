// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/plug_ins.hpp"

#include <cstdio>

#include "engine/input/input_error.hpp"
#include "engine/input/yaml_document.hpp"
#include "engine/plugin/library_search.hpp"
#include "engine/plugin/shared_library.hpp"
#include "search/loop/run_configuration.hpp"
#include "tools/command_line/engine_version.hpp"
#include "tools/command_line/stop_request.hpp"

namespace sotto::tools {

void note(std::string_view text) {
    std::fprintf(stderr, "nas-predict: %.*s\n", static_cast<int>(text.size()), text.data());
}

PlugIns::PlugIns() : registry_(services()), installed_(registry_, plugin_directories()) {}

void PlugIns::load(const std::vector<std::string>& libraries, plugin::Writable writable) {
    for (const std::string& library : libraries) {
        registry_.load_library(plugin::find_library(library, plugin_directories()), writable);
    }
}

void PlugIns::load_named_by(const std::string& configuration) {
    const input::YamlValue document = input::read_yaml_file(configuration);
    if (document.kind() != input::YamlValue::Kind::mapping) {
        return;
    }
    const bool isolates = search::asks_for_isolation(document);
    for (const search::NamedLibrary& named : search::named_libraries(document)) {
        const plugin::Writable writable =
            named.library.allow_writable ? plugin::Writable::allow : plugin::Writable::refuse;
        try {
            const std::string path = plugin::find_library(named.library.path, plugin_directories());
            if (isolates) {
                registry_.scan_library(path, writable);
                isolated_.insert(plugin::resolve_library(path));
            } else {
                registry_.load_library(path, writable);
            }
        } catch (const plugin::PluginError& error) {
            throw input::InputError({named.location, error.what(), {}, {}, {}});
        }
    }
}

plugin::Isolation PlugIns::isolation(const std::string& library) const {
    plugin::Isolation isolation;
    if (isolated_.count(library) > 0) {
        isolation.mode = plugin::Isolation::Mode::process;
    }
    return isolation;
}

plugin::HostServices PlugIns::services() {
    plugin::HostServices services;
    services.log = [this](int level, std::string_view text) {
        const std::lock_guard lock(mutex_);
        if (level >= SOTTO_LOG_WARNING && said_.emplace(text).second) {
            note(text);
        }
    };
    services.is_cancelled = [] { return stop_flag().load(); };
    services.name = "nas-predict " + engine_version();
    services.plugin_host = plugin_host();
    return services;
}

}  // namespace sotto::tools
