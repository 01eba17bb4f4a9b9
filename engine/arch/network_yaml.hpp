// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/arch/network.hpp"

namespace sotto::arch {

/// Reads a network from its YAML form (docs/networks.md). Throws input::InputError with file, line, found, expected and
/// nearest name; an impossible shape is reported at the line of its layer.
Network read_network_file(const std::string& path);
Network parse_network(const std::string& text, const std::string& file_name);

/// The YAML form. parse_network(to_yaml(n)) equals n in every layer, name, operand and shape.
std::string to_yaml(const Network& network);

/// One layer of it: `{name: conv1, type: conv, channels: 64, kernel: 3}`. The input: `{name: input, shape: [3, 32,
/// 32]}`.
std::string layer_to_yaml(const Network& network, LayerIndex index);

}  // namespace sotto::arch
