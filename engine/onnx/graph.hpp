// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/onnx/node.hpp"

namespace sotto::onnx {

/// Versions of the default operator set whose operators are read. 19 to 22 added element types and attributes to them,
/// which are checked by name.
inline constexpr std::int64_t oldest_operator_set = 9;
inline constexpr std::int64_t newest_operator_set = 22;

inline constexpr std::int64_t any_extent = -1;

/// The graph of a model, checked in everything that concerns no single operator: the version, one image in, one tensor
/// out, every tensor written once. Refers to the model and the file's name, which outlive it.
struct Graph {
    /// Nodes that read a tensor and lead to the output; the graph's own output counts as one more.
    struct Readers {
        std::size_t count = 0;
        std::size_t last = 0;  ///< index in `nodes`, where it is a node
    };

    std::int64_t operator_set = 0;
    std::vector<Node> nodes;                                    ///< that lead to the output, in the order of the file
    std::unordered_map<std::string_view, std::size_t> writers;  ///< tensor to node, of all nodes by position
    std::unordered_map<std::string_view, Readers> readers;      ///< by tensor
    std::unordered_map<std::string_view, const ::onnx::TensorProto*> initializers;
    std::vector<std::string> unread_nodes;  ///< texts of the nodes left out; constants apart
    std::string_view input;
    std::vector<std::int64_t> input_dimensions;  ///< [1, ...]; a symbolic batch is 1
    std::string_view output;
    std::vector<std::int64_t> output_dimensions;  ///< empty or with any_extent where not stated
};

/// Throws InputError.
Graph read_graph(const ::onnx::ModelProto& model, const std::string& file);

}  // namespace sotto::onnx
