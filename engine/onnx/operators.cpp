// SPDX-License-Identifier: Apache-2.0
// The operators that become layers, each as operator sets 9 to 22 define it.
#include <array>
#include <cmath>
#include <limits>

#include "engine/onnx/fold.hpp"
#include "engine/onnx/layers.hpp"
#include "engine/onnx/window.hpp"

namespace sotto::onnx {
namespace {

using arch::LayerIndex;
using arch::LayerKind;
using arch::Shape;
using arch::Window;
using Integers = std::vector<std::int64_t>;

std::int32_t channels(const Node& node, std::int64_t count) {
    if (count < 1 || count > arch::maximum_channels) {
        node.fail("number of output channels", std::to_string(count), "1 to " + std::to_string(arch::maximum_channels));
    }
    return static_cast<std::int32_t>(count);
}

}  // namespace

std::span<const Layers::Operator> Layers::operators() {
    static constexpr std::array known{
        Operator{"Add", &Layers::read_add},
        Operator{"AveragePool", &Layers::read_pool},
        Operator{"BatchNormalization", &Layers::read_batch_normalization},
        Operator{"Cast", &Layers::read_cast},
        Operator{"Clip", &Layers::read_clip},
        Operator{"Concat", &Layers::read_concat},
        Operator{"Conv", &Layers::read_convolution},
        Operator{"Dropout", &Layers::read_dropout},
        Operator{"Flatten", &Layers::read_flatten},
        Operator{"Gemm", &Layers::read_fully_connected},
        Operator{"GlobalAveragePool", &Layers::read_global_pool},
        Operator{"GlobalMaxPool", &Layers::read_global_pool},
        Operator{"Identity", &Layers::read_identity},
        Operator{"LogSoftmax", &Layers::read_softmax},
        Operator{"MatMul", &Layers::read_fully_connected},
        Operator{"MaxPool", &Layers::read_pool},
        Operator{"Mul", &Layers::read_multiply},
        Operator{"Pad", &Layers::read_pad},
        Operator{"Pow", &Layers::read_power},
        Operator{"ReduceMax", &Layers::read_reduction},
        Operator{"ReduceMean", &Layers::read_reduction},
        Operator{"Relu", &Layers::read_relu},
        Operator{"Reshape", &Layers::read_reshape},
        Operator{"Shape", &Layers::read_shape},
        Operator{"Softmax", &Layers::read_softmax},
        Operator{"Squeeze", &Layers::read_squeeze},
        Operator{"Sum", &Layers::read_add},
        Operator{"Transpose", &Layers::read_transpose},
        Operator{"Unsqueeze", &Layers::read_unsqueeze},
    };
    return known;
}

void Layers::read_convolution(const Node& node) {
    node.check_inputs(2, 3);
    node.only_attributes({"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"});
    const Tensor& from = image(node);
    const Shape& input = builder_.shape(from.layer);
    const Integers& weights = constant(node, 1, "weights").dimensions;
    if (weights.size() != 4) {
        node.fail("its weights are not those of a convolution of images", to_text(weights),
                  "4 dimensions: output channels, input channels of a group, height, width");
    }
    const std::int64_t groups = node.integer("group", 1);
    if (groups < 1 || groups > arch::maximum_channels || weights[1] > arch::maximum_channels ||
        weights[1] * groups != input.channels) {
        node.fail("its weights do not fit its input of " + arch::to_text(input),
                  to_text(weights) + " in " + std::to_string(groups) + " groups",
                  groups >= 1 && input.channels % groups == 0
                      ? std::to_string(input.channels / groups) + " input channels in each group"
                      : "groups that divide " + std::to_string(input.channels) + " channels");
    }
    const std::int32_t output_channels = channels(node, weights[0]);
    const Window window = convolution_window(node, {weights[2], weights[3]}, input);
    bool bias = !node.input(2).empty();
    if (bias) {
        const Constant& values = constant(node, 2, "biases");
        if (values.elements() != output_channels) {
            node.fail("its biases do not fit its weights", to_text(values.dimensions),
                      to_text({std::int64_t{output_channels}}));
        }
    } else {
        bias = takes_bias(node, output_channels, 2);
    }
    set_image(node, located(node, [&] {
                  return builder_.add_convolution(layer_name(node), from.layer, output_channels, window,
                                                  static_cast<std::int32_t>(groups), bias);
              }));
}

// Gemm and MatMul, of a vector and a matrix of weights.
void Layers::read_fully_connected(const Node& node) {
    const bool is_gemm = node.operation() == "Gemm";
    node.check_inputs(2, is_gemm ? 3 : 2);
    bool is_transposed = false;
    if (is_gemm) {
        node.only_attributes({"alpha", "beta", "transA", "transB"});  // the factors belong to the weights
        if (node.flag("transA", false)) {
            node.fail("transposes its input: attribute 'transA'", "1", "0");
        }
        is_transposed = node.flag("transB", false);
    } else {
        node.only_attributes({});
    }
    const Tensor& from = vector(node);
    const std::int64_t input_features = builder_.shape(from.layer).channels;
    const Integers& weights = constant(node, 1, "weights").dimensions;
    const std::size_t input_axis = is_transposed ? 1 : 0;
    if (weights.size() != 2 || weights[input_axis] != input_features) {
        node.fail("its weights do not fit its input", to_text(weights) + (is_transposed ? " (transposed)" : ""),
                  "a matrix for " + std::to_string(input_features) + " features");
    }
    const std::int32_t features = channels(node, weights[1 - input_axis]);
    bool bias = is_gemm && !node.input(2).empty();
    if (bias) {
        const Constant& values = constant(node, 2, "biases");
        if (values.elements() != features) {
            node.fail("its biases do not fit its weights", to_text(values.dimensions),
                      to_text({std::int64_t{features}}));
        }
    } else {
        bias = takes_bias(node, features, 0);
    }
    Integers dimensions = from.dimensions;
    dimensions.back() = features;
    const LayerIndex layer =
        located(node, [&] { return builder_.add_fully_connected(layer_name(node), from.layer, features, bias); });
    set_result(node, Tensor{layer, std::move(dimensions), false, {}});
}

void Layers::read_batch_normalization(const Node& node) {
    node.check_inputs(5, 5);
    node.only_attributes({"epsilon", "momentum", "training_mode"});
    const Tensor& from = tensor(node, 0).dimensions.size() == 4 ? image(node) : vector(node);
    const std::int64_t count = builder_.shape(from.layer).channels;
    constexpr std::array<std::string_view, 4> names{"scales", "biases", "means", "variances"};
    for (std::size_t which = 0; which < names.size(); ++which) {
        const Constant& values = constant(node, which + 1, names[which]);
        if (values.elements() != count) {
            node.fail("its " + std::string(names[which]) + " do not fit its input", to_text(values.dimensions),
                      to_text({count}));
        }
    }
    if (node.flag("training_mode", false)) {
        note(node.text() + " is in training mode and read as at inference");
    }
    set_same(node, located(node, [&] { return builder_.add_batch_normalization(layer_name(node), from.layer); }), from);
}

void Layers::add_activation(const Node& node, arch::Activation activation) {
    const Tensor& from = tensor(node, 0);
    set_same(node, located(node, [&] { return builder_.add_activation(layer_name(node), from.layer, activation); }),
             from);
}

void Layers::read_relu(const Node& node) {
    node.check_inputs(1, 1);
    node.only_attributes({});
    add_activation(node, arch::Activation::relu);
}

// From 0 on without an upper limit it is a ReLU.
void Layers::read_clip(const Node& node) {
    node.check_inputs(1, 3);
    node.only_attributes({"max", "min"});
    const auto limit = [&](std::size_t which, std::string_view attribute, double otherwise) -> std::optional<double> {
        if (const auto stated = node.find_number(attribute)) {
            return stated;
        }
        return node.input(which).empty() ? otherwise : constant(node, which, "limits").number;
    };
    constexpr double largest = std::numeric_limits<float>::max();
    const std::optional<double> least = limit(1, "min", -largest);
    const std::optional<double> most = limit(2, "max", largest);
    if (least != 0.0 || !most || *most < largest) {
        const auto text = [](const std::optional<double>& value) {
            if (!value) {
                return std::string("an unknown limit");
            }
            return std::abs(*value) >= largest ? std::string("no limit") : std::to_string(*value);
        };
        node.fail("the activation has no secure form", "limits " + text(least) + " and " + text(most),
                  "0 and no upper limit, which is a ReLU");
    }
    add_activation(node, arch::Activation::relu);
}

void Layers::read_multiply(const Node& node) {
    node.check_inputs(2, 2);
    node.only_attributes({});
    if (node.input(0) != node.input(1)) {
        node.fail("multiplies two tensors", in_quotes(node.input(0)) + " and " + in_quotes(node.input(1)),
                  "one tensor with itself, which is the square activation");
    }
    add_activation(node, arch::Activation::square);
}

void Layers::read_power(const Node& node) {
    node.check_inputs(2, 2);
    node.only_attributes({});
    const Constant& exponent = constant(node, 1, "exponents");
    if (exponent.number != 2.0) {
        node.fail("the power has no secure form", "exponent " + exponent.text(), "exponent 2, the square activation");
    }
    add_activation(node, arch::Activation::square);
}

void Layers::read_pool(const Node& node) {
    node.check_inputs(1, 1);
    if (node.operation() == "MaxPool") {
        node.only_attributes(
            {"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"});
    } else {
        node.only_attributes(
            {"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"});
    }
    const Tensor& from = image(node);
    const Window window = pool_window(node, builder_.shape(from.layer));
    const LayerKind kind = node.operation() == "MaxPool" ? LayerKind::max_pool : LayerKind::average_pool;
    set_image(node, located(node, [&] { return builder_.add_pool(layer_name(node), from.layer, kind, window); }));
}

void Layers::read_global_pool(const Node& node) {
    node.check_inputs(1, 1);
    node.only_attributes({});
    const Tensor& from = image(node);
    const LayerKind kind =
        node.operation() == "GlobalMaxPool" ? LayerKind::global_max_pool : LayerKind::global_average_pool;
    set_image(node, located(node, [&] { return builder_.add_global_pool(layer_name(node), from.layer, kind); }));
}

// Add and Sum, of tensors of equal dimensions.
void Layers::read_add(const Node& node) {
    const bool is_sum = node.operation() == "Sum";
    node.check_inputs(is_sum ? 1 : 2, is_sum ? std::numeric_limits<std::size_t>::max() : 2);
    node.only_attributes({});
    for (std::size_t which = 0; which < node.inputs(); ++which) {
        if (const Constant* constant = find_constant(node, which)) {
            node.fail("adds a constant", to_text(constant->dimensions),
                      "a tensor, or the biases of a convolution or fully connected layer without any that nothing else "
                      "reads");
        }
    }
    const Tensor& first = tensor(node, 0);
    std::vector<LayerIndex> operands;
    for (std::size_t which = 0; which < node.inputs(); ++which) {
        const Tensor& other = tensor(node, which);
        operands.push_back(other.layer);
        if (other.dimensions != first.dimensions || other.channels_last != first.channels_last) {
            node.fail("its inputs differ", to_text(first.dimensions) + " and " + to_text(other.dimensions),
                      "equal dimensions");
        }
    }
    if (operands.size() == 1) {
        set_result(node, first);
        return;
    }
    set_same(node, located(node, [&] { return builder_.add_add(layer_name(node), operands); }), first);
}

void Layers::read_concat(const Node& node) {
    node.check_inputs(1, std::numeric_limits<std::size_t>::max());
    node.only_attributes({"axis"});
    const std::size_t rank = tensor(node, 0).dimensions.size();
    std::vector<LayerIndex> operands;
    for (std::size_t which = 0; which < node.inputs(); ++which) {
        const Tensor& operand = rank == 4 ? image(node, which) : vector(node, which);
        if (operand.dimensions.size() != rank) {
            node.fail("its inputs differ", to_text(operand.dimensions), std::to_string(rank) + " dimensions");
        }
        operands.push_back(operand.layer);
    }
    const std::size_t axis = axis_from_start(node, node.integer("axis", 1), rank);
    const std::size_t channel_axis = rank == 1 ? 0 : 1;
    if (axis != channel_axis) {
        node.fail("joins along axis " + std::to_string(axis), {}, "axis 1, the channels");
    }
    // DenseNet's first layer in PyTorch joins one tensor.
    if (operands.size() == 1) {
        set_result(node, tensor(node, 0));
        return;
    }
    const LayerIndex layer = located(node, [&] { return builder_.add_concat(layer_name(node), operands); });
    if (rank == 4) {
        set_image(node, layer);
        return;
    }
    Integers dimensions = tensor(node, 0).dimensions;
    dimensions.back() = builder_.shape(layer).channels;
    set_result(node, Tensor{layer, std::move(dimensions), false, {}});
}

void Layers::read_pad(const Node& node) {
    node.check_inputs(1, 4);
    node.only_attributes({"mode", "pads", "value"});
    const std::string mode = node.word("mode", "constant");
    if (mode != "constant") {
        node.fail("attribute 'mode'", in_quotes(mode), "'constant'");
    }
    const Tensor& from = image(node);
    std::optional<Integers> pads = node.find_integers("pads");
    if (!pads) {
        pads = integers_of(node, constant(node, 1, "paddings"), "padding");
    }
    std::optional<double> filling = node.find_number("value").value_or(0);
    if (!node.input(2).empty()) {
        filling = constant(node, 2, "paddings' values").number;
    }
    if (filling != 0.0) {
        node.fail("pads with another value than 0", filling ? std::to_string(*filling) : "an unknown value", "0");
    }
    Integers axes{0, 1, 2, 3};
    if (!node.input(3).empty()) {
        axes = integers_of(node, constant(node, 3, "axes"), "axes");
    }
    const Window window = padding(node, *pads, axes);
    // PyTorch writes one before every average pool.
    if (window == Window{}) {
        set_result(node, from);
        return;
    }
    set_image(node, located(node, [&] { return builder_.add_pad(layer_name(node), from.layer, window); }));
}

void Layers::read_dropout(const Node& node) {
    node.check_inputs(1, 3);
    note(node.text() + " does nothing at inference and is left out");
    set_result(node, tensor(node, 0));
}

void Layers::read_softmax(const Node& node) {
    node.check_inputs(1, 1);
    node.only_attributes({"axis"});
    Tensor scores = tensor(node, 0);
    scores.softmax = node.text();
    note(node.text() + " has no secure form and is left out: the network ends in the scores before it");
    set_result(node, std::move(scores));
}

}  // namespace sotto::onnx
