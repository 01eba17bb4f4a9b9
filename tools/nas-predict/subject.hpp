// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/arch/network.hpp"
#include "engine/plugin/instance.hpp"
#include "engine/secure/secure_program.hpp"

namespace sotto::tools {

/// A network or program whose cost is asked for. Not movable: the view points into it.
struct Subject {
    std::string name;
    std::string title;  ///< the same, or the file where several networks have the name
    std::string file;
    std::optional<arch::Network> network;     ///< nothing where a table names the operations
    secure::SecureProgram program;            ///< of the network
    std::vector<sotto_operation> operations;  ///< of the table
    std::vector<std::string> notes;           ///< what an ONNX file holds that the network does not
    plugin::CandidateView view;

    /// The layer an operation comes from; empty for a table.
    std::string layer_of(const sotto_operation& operation) const;
};

using Subjects = std::vector<std::unique_ptr<Subject>>;

/// Networks from their files (YAML, or ONNX by its ending), lowered under `lowering`, and the first run of every
/// network of the table. Throws input::InputError, for a layer that the lowering cannot express as well.
Subjects read_subjects(const std::vector<std::string>& networks, const std::string& table, const std::string& lowering);

/// `conv 56x56x64 -> 56x56x128, 3x3 stride 1`, `relu 200704`.
std::string operation_text(const sotto_operation& operation);

}  // namespace sotto::tools
