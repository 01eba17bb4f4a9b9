// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/nas-predict/prediction.hpp"

namespace sotto::tools {

/// What the command line says.
struct Options {
    std::vector<std::string> networks;
    std::string program;
    ModelRequest model;
    std::vector<std::string> metrics;
    std::vector<std::string> plugins;
    bool allow_writable = false;  ///< of those plug-in libraries
    std::string lowering = "athos-cheetah";
    std::string space;
    std::string genomes;
    std::size_t sample = 0;
    std::optional<std::uint64_t> seed;
    std::optional<std::size_t> threads;
    bool per_layer = false;
    bool json = false;
    bool csv = false;
};

}  // namespace sotto::tools
