// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/arch/network.hpp"

namespace sotto::onnx {

/// Largest file that is read. The weights of a file are held in memory once, while it is read.
inline constexpr std::int64_t maximum_file_bytes = std::int64_t{1} << 30;

/// Reads the structure of an image classifier from an ONNX file (docs/networks.md, "ONNX": operators and what becomes
/// of them). Of weights only the shapes are read; files with external weights need not come with them. The network's
/// name is the file's without directory and ending.
///
/// `notes`, where given, receives a sentence for each thing in the file that has no layer and might be missed: a
/// softmax or dropout, nodes that do not lead to the output.
///
/// Throws input::InputError with file, node, operator, what was found, what is supported and the nearest name.
/// Thread-safe.
arch::Network read_network_file(const std::string& path, std::vector<std::string>* notes = nullptr);

/// The same from the bytes of a file.
arch::Network parse_network(const std::string& bytes, const std::string& file_name,
                            std::vector<std::string>* notes = nullptr);

}  // namespace sotto::onnx
