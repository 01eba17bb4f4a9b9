// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sotto::tools {

/// What was typed. What is absent is left to the configuration.
struct Options {
    std::string config;
    std::string out;
    std::string resume;
    std::string strategy;
    std::string events;
    std::optional<std::uint64_t> seed;
    std::optional<std::size_t> threads;
    std::optional<std::uint64_t> evaluations;
    std::optional<std::size_t> best;
    std::optional<std::chrono::milliseconds> time_limit;
    std::vector<std::string> plugins;
    bool allow_writable = false;  ///< of those plug-in libraries
    bool dry_run = false;
    bool json = false;
    bool quiet = false;
    bool onnx = false;
};

/// Reads the command line into `options`. A value means that the program ends with it now: 0 after --help or --version
/// (printed to stdout), 2 after a wrong command line (said on stderr).
std::optional<int> read_command_line(int argument_count, const char* const* arguments, Options& options);

/// `90`, `90s`, `10m`, `1h30m`, `2.5h`: a positive span of at most 1,000 hours; nothing for another text.
std::optional<std::chrono::milliseconds> parse_duration(const std::string& text);

}  // namespace sotto::tools
