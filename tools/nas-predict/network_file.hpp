// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/arch/network.hpp"

namespace sotto::tools {

/// A network from its file: ONNX by its ending, else YAML (docs/networks.md). `notes` takes what an ONNX file holds
/// that the network does not. Throws input::InputError.
arch::Network read_network(const std::string& file, std::vector<std::string>& notes);

/// What a network is called: its own name, or its file's where it has none.
std::string name_of(const arch::Network& network, const std::string& file);

/// The same names, in the place of one that several networks have their files: members of a front are all called as
/// their space is.
std::vector<std::string> telling_names(const std::vector<std::string>& names, const std::vector<std::string>& files);

}  // namespace sotto::tools
