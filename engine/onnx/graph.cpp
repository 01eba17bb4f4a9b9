// SPDX-License-Identifier: Apache-2.0
#include "engine/onnx/graph.hpp"

#include <algorithm>

#include "engine/input/input_error.hpp"
#include "engine/onnx/constant.hpp"

namespace sotto::onnx {
namespace {

using ::onnx::GraphProto;
using ::onnx::ModelProto;
using ::onnx::ValueInfoProto;

[[noreturn]] void fail(const std::string& file, std::string problem, std::string found = {},
                       std::string expected = {}) {
    throw input::InputError({{file, 0, 0}, std::move(problem), std::move(found), std::move(expected), {}});
}

std::int64_t default_operator_set(const ModelProto& model, const std::string& file) {
    for (const ::onnx::OperatorSetIdProto& set : model.opset_import()) {
        if (set.domain().empty() || set.domain() == "ai.onnx") {
            if (set.version() < oldest_operator_set || set.version() > newest_operator_set) {
                fail(file, "the version of the operator set is not read", std::to_string(set.version()),
                     "opset " + std::to_string(oldest_operator_set) + " to " + std::to_string(newest_operator_set));
            }
            return set.version();
        }
    }
    fail(file, "names no version of the default operator set", {},
         "opset " + std::to_string(oldest_operator_set) + " to " + std::to_string(newest_operator_set));
}

std::vector<std::int64_t> stated_dimensions(const ValueInfoProto& value) {
    std::vector<std::int64_t> dimensions;
    for (const ::onnx::TensorShapeProto::Dimension& dimension : value.type().tensor_type().shape().dim()) {
        dimensions.push_back(dimension.has_dim_value() && dimension.dim_value() >= 0 ? dimension.dim_value()
                                                                                     : any_extent);
    }
    return dimensions;
}

std::string name_list(const std::vector<std::string_view>& names) {
    constexpr std::size_t most = 4;
    std::string text;
    for (std::size_t i = 0; i < std::min(most, names.size()); ++i) {
        text += (i > 0 ? ", " : "") + in_quotes(names[i]);
    }
    return text + (names.size() > most ? ", ..." : "");
}

// In files of version 3 of the format the initializers stand among the inputs.
void find_input(const GraphProto& message, const std::string& file, Graph& graph) {
    const ValueInfoProto* input = nullptr;
    std::vector<std::string_view> names;
    for (const ValueInfoProto& value : message.input()) {
        if (!graph.initializers.contains(value.name())) {
            input = &value;
            names.push_back(value.name());
        }
    }
    if (names.size() != 1) {
        fail(file, "the network does not have one input",
             names.empty() ? "none" : std::to_string(names.size()) + " (" + name_list(names) + ')', "one image");
    }
    const std::string what = "input " + in_quotes(input->name());
    if (input->name().empty()) {
        fail(file, "the input has no name");
    }
    if (!input->type().has_tensor_type() || !is_float_type(input->type().tensor_type().elem_type())) {
        fail(file, what + " is not an image of floating-point numbers",
             input->type().has_tensor_type() ? "element type " + std::to_string(input->type().tensor_type().elem_type())
                                             : "no tensor",
             "a tensor of float, float16, bfloat16 or double");
    }
    graph.input = input->name();
    graph.input_dimensions = stated_dimensions(*input);
    std::vector<std::int64_t>& dimensions = graph.input_dimensions;
    if (dimensions.size() != 4) {
        fail(file, what + " is not an image", std::to_string(dimensions.size()) + " dimensions",
             "4: batch (1 or symbolic), channels, height, width");
    }
    if (dimensions[0] == any_extent) {
        dimensions[0] = 1;
    }
    if (dimensions[0] != 1) {
        fail(file, what + " is a batch of several images", std::to_string(dimensions[0]), "a batch of 1, or symbolic");
    }
    if (std::find(dimensions.begin(), dimensions.end(), any_extent) != dimensions.end()) {
        std::string found;
        for (const ::onnx::TensorShapeProto::Dimension& dimension : input->type().tensor_type().shape().dim()) {
            found += found.empty() ? "[" : ", ";
            found += dimension.has_dim_value()       ? std::to_string(dimension.dim_value())
                     : dimension.dim_param().empty() ? std::string("?")
                                                     : in_quotes(dimension.dim_param());
        }
        fail(file, what + " has no fixed size", found + ']', "numbers for channels, height and width");
    }
}

void find_output(const GraphProto& message, const std::string& file, Graph& graph) {
    if (message.output_size() != 1) {
        std::vector<std::string_view> names;
        for (const ValueInfoProto& value : message.output()) {
            names.push_back(value.name());
        }
        fail(file, "the network does not have one output",
             names.empty() ? "none" : std::to_string(names.size()) + " (" + name_list(names) + ')', "one");
    }
    graph.output = message.output(0).name();
    graph.output_dimensions = stated_dimensions(message.output(0));
}

void collect_initializers(const GraphProto& message, const std::string& file, Graph& graph) {
    for (const ::onnx::TensorProto& tensor : message.initializer()) {
        if (!graph.initializers.emplace(tensor.name(), &tensor).second) {
            fail(file, "two initializers have one name", in_quotes(tensor.name()));
        }
    }
    if (message.sparse_initializer_size() > 0) {
        fail(file, "sparse initializers are not read", std::to_string(message.sparse_initializer_size()),
             "initializers that are dense tensors");
    }
}

void collect_writers(const std::vector<Node>& nodes, Graph& graph) {
    for (const Node& node : nodes) {
        for (const std::string& tensor : node.message().output()) {
            if (tensor.empty()) {
                continue;
            }
            if (tensor == graph.input || graph.initializers.contains(tensor)) {
                node.fail("writes a tensor that the graph has already", in_quotes(tensor), "another name");
            }
            const auto [earlier, is_new] = graph.writers.emplace(tensor, node.position());
            if (!is_new) {
                node.fail("writes a tensor that " + nodes[earlier->second].text() + " writes", in_quotes(tensor),
                          "another name");
            }
        }
    }
}

std::vector<bool> find_nodes_that_lead_to_output(const std::vector<Node>& nodes, const Graph& graph) {
    std::vector<bool> leads(nodes.size(), false);
    std::vector<std::size_t> open;
    const auto visit = [&](std::string_view tensor) {
        const auto writer = graph.writers.find(tensor);
        if (writer != graph.writers.end() && !leads[writer->second]) {
            leads[writer->second] = true;
            open.push_back(writer->second);
        }
    };
    visit(graph.output);
    while (!open.empty()) {
        const Node& node = nodes[open.back()];
        open.pop_back();
        for (const std::string& tensor : node.message().input()) {
            visit(tensor);
        }
    }
    return leads;
}

}  // namespace

Graph read_graph(const ModelProto& model, const std::string& file) {
    if (!model.has_graph()) {
        fail(file, "holds no graph", {}, "an ONNX model");
    }
    Graph graph;
    const GraphProto& message = model.graph();
    graph.operator_set = default_operator_set(model, file);
    collect_initializers(message, file, graph);
    find_input(message, file, graph);
    find_output(message, file, graph);

    std::vector<Node> nodes;
    nodes.reserve(static_cast<std::size_t>(message.node_size()));
    for (const ::onnx::NodeProto& node : message.node()) {
        nodes.emplace_back(file, node, nodes.size());
    }
    collect_writers(nodes, graph);
    const std::vector<bool> leads = find_nodes_that_lead_to_output(nodes, graph);
    for (const Node& node : nodes) {
        if (!leads[node.position()]) {
            if (node.operation() != "Constant") {
                graph.unread_nodes.push_back(node.text());
            }
            continue;
        }
        const std::string& domain = node.message().domain();
        if (!domain.empty() && domain != "ai.onnx") {
            node.fail("operators of other domains are not read", "domain " + in_quotes(domain), "the default domain");
        }
        for (const std::string& tensor : node.message().input()) {
            Graph::Readers& readers = graph.readers[tensor];
            ++readers.count;
            readers.last = graph.nodes.size();
        }
        graph.nodes.push_back(node);
    }
    ++graph.readers[graph.output].count;
    return graph;
}

}  // namespace sotto::onnx
