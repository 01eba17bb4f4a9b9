// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/versions.hpp"

#include <CLI/Version.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/version.h>
#include <xxhash.h>

#include "sotto/plugin.h"

#include "engine/arch/canonical_hash.hpp"
#include "engine/secure/lowering.hpp"
#include "tools/command_line/engine_version.hpp"

namespace sotto::tools {
namespace {

std::string dotted(int major, int minor, int patch) {
    return std::to_string(major) + '.' + std::to_string(minor) + '.' + std::to_string(patch);
}

}  // namespace

std::string version_text() {
    std::string text = "nas-run " + engine_version() + '\n';
    text += "plug-in ABI " + std::to_string(SOTTO_PLUGIN_ABI_VERSION) + '\n';
    text += "network hash " + std::to_string(arch::canonical_hash_version) + '\n';
    text += "lowering";
    for (const secure::LoweringProfile& profile : secure::lowering_profiles()) {
        text += ' ' + std::string(profile.name);
    }
    text += "\nbuild " SOTTO_BUILD_DESCRIPTION "\n";
    text += "libraries CLI11 " CLI11_VERSION;
    text += ", nlohmann-json " +
            dotted(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH);
    text += ", spdlog " + dotted(SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH);
    text += ", xxHash " + dotted(XXH_VERSION_MAJOR, XXH_VERSION_MINOR, XXH_VERSION_RELEASE);
    text += SOTTO_LIBRARY_VERSIONS "\n";
    return text;
}

}  // namespace sotto::tools
