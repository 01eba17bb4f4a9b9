// SPDX-License-Identifier: Apache-2.0
// sotto-write-manifest LIBRARY MANIFEST: loads a plug-in library and writes what it declares. Run by the build.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>

#include "engine/plugin/registry.hpp"
#include "tools/manifest/plugin_manifest.hpp"

int main(int argument_count, char** arguments) {
    if (argument_count != 3) {
        std::fputs("usage: sotto-write-manifest LIBRARY MANIFEST\n", stderr);
        return 2;
    }
    try {
        sotto::plugin::Registry registry({});
        registry.load_library(arguments[1], sotto::plugin::Writable::allow);
        const std::string text =
            sotto::tools::to_manifest(registry.list(), std::filesystem::path(arguments[1]).filename().string());
        std::ofstream stream(arguments[2], std::ios::binary | std::ios::trunc);
        stream << text;
        stream.close();
        if (!stream) {
            std::fprintf(stderr, "%s: cannot be written\n", arguments[2]);
            return 1;
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
