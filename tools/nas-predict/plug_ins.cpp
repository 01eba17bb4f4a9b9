// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/plug_ins.hpp"

#include <cstdio>

#include "engine/plugin/library_search.hpp"
#include "tools/command_line/engine_version.hpp"
#include "tools/command_line/stop_request.hpp"

namespace sotto::tools {

void note(std::string_view text) {
    std::fprintf(stderr, "nas-predict: %.*s\n", static_cast<int>(text.size()), text.data());
}

PlugIns::PlugIns() : registry_(services()), installed_(registry_, plugin_directories()) {}

void PlugIns::load(const std::vector<std::string>& libraries) {
    for (const std::string& library : libraries) {
        registry_.load_library(plugin::find_library(library, plugin_directories()));
    }
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
