// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/tools/process.hpp"

namespace sotto::tests {

/// nas-run with the tests' plug-in, as a person would start it.
inline Outcome nas_run(std::vector<std::string> arguments, const std::vector<std::string>& environment = {},
                       const std::filesystem::path& folder = {}) {
    arguments.insert(arguments.begin(), SOTTO_BINARY_DIRECTORY "/bin/nas-run");
    return run_program(arguments, environment, folder);
}

inline const std::string tiny_run = SOTTO_SOURCE_DIRECTORY "/tests/tools/tiny_run.yaml";
inline const std::string probe_library = SOTTO_TEST_PLUGINS "/probe_plugin.so";

/// The tiny run into `directory`, with more options.
inline Outcome run_tiny(const std::string& directory, std::vector<std::string> more = {},
                        const std::vector<std::string>& environment = {}) {
    std::vector<std::string> arguments = {tiny_run, "--plugin", probe_library, "--out", directory};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return nas_run(std::move(arguments), environment);
}

inline Outcome resume(const std::string& directory, std::vector<std::string> more = {},
                      const std::vector<std::string>& environment = {}) {
    more.insert(more.begin(), {"--resume", directory});
    return nas_run(std::move(more), environment);
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace sotto::tests
