// SPDX-License-Identifier: Apache-2.0
#include "engine/onnx/write_network.hpp"

#include <onnx/onnx_pb.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <set>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "engine/arch/counts.hpp"
#include "engine/random/random.hpp"

namespace sotto::onnx {
namespace {

using arch::Layer;
using arch::LayerIndex;
using arch::LayerKind;
using arch::Network;
using arch::Shape;
using arch::Window;
using Integers = std::vector<std::int64_t>;

constexpr std::int64_t operator_set = 13;
constexpr std::int64_t format_version = 7;
constexpr std::uint64_t weight_seed = 1;

// Uniform in [-1, 1), two from each draw of 64 bits.
class Uniform {
  public:
    explicit Uniform(LayerIndex layer) : stream_(weight_seed, 0, layer, random::Purpose::written_weights) {}

    double next() noexcept {
        bits_ = is_half_left_ ? bits_ >> 32U : stream_.bits();
        is_half_left_ = !is_half_left_;
        return static_cast<double>(static_cast<std::int32_t>(static_cast<std::uint32_t>(bits_))) * 0x1.0p-31;
    }

  private:
    random::Stream stream_;
    std::uint64_t bits_ = 0;
    bool is_half_left_ = false;
};

void append_little_endian(std::string& bytes, float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::array<char, 4> little_endian{static_cast<char>(static_cast<unsigned char>(bits)),
                                            static_cast<char>(static_cast<unsigned char>(bits >> 8U)),
                                            static_cast<char>(static_cast<unsigned char>(bits >> 16U)),
                                            static_cast<char>(static_cast<unsigned char>(bits >> 24U))};
    bytes.append(little_endian.data(), little_endian.size());
}

class Writer {
  public:
    explicit Writer(const Network& network) : network_(network), values_(network.size()) {}

    std::string write();

  private:
    // What a layer puts out: [batch, channels, height, width], or [batch, channels] behind flatten and fully_connected.
    struct Value {
        std::string name;
        std::size_t rank = 4;
        std::string other_rank_name;  // of the same vector in the other form, once a layer needs it
    };

    std::string free_name(std::string name);
    ::onnx::NodeProto& add_node(const char* operation, const std::vector<std::string>& inputs, const std::string& name);
    static void set_attribute(::onnx::NodeProto& node, const char* name, std::int64_t value);
    static void set_attribute(::onnx::NodeProto& node, const char* name, const Integers& values);
    ::onnx::TensorProto& add_tensor(const std::string& name, const Integers& dimensions);
    std::string add_weights(LayerIndex index, const Integers& dimensions, std::int64_t fan_in);
    std::string add_filled(LayerIndex index, const char* what, std::int64_t count, float value);
    std::string add_integers(LayerIndex index, const char* what, const Integers& values);
    std::string operand(LayerIndex index, std::size_t which, std::size_t rank);
    static void set_window(::onnx::NodeProto& node, const Window& window);
    void set_value_info(::onnx::ValueInfoProto& info, LayerIndex index, const std::string& name) const;

    void add_layer(LayerIndex index);
    void add_convolution(LayerIndex index, const std::string& name);
    void add_fully_connected(LayerIndex index, const std::string& name);
    void add_batch_normalization(LayerIndex index, const std::string& name);
    void add_pad(LayerIndex index, const std::string& name);

    const Network& network_;
    ::onnx::ModelProto model_;
    std::vector<Value> values_;
    std::set<std::string, std::less<>> names_;
};

std::string Writer::free_name(std::string name) {
    while (!names_.insert(name).second) {
        name += '_';
    }
    return name;
}

::onnx::NodeProto& Writer::add_node(const char* operation, const std::vector<std::string>& inputs,
                                    const std::string& name) {
    ::onnx::NodeProto& node = *model_.mutable_graph()->add_node();
    node.set_op_type(operation);
    node.set_name(name);
    for (const std::string& input : inputs) {
        node.add_input(input);
    }
    node.add_output(name);
    return node;
}

void Writer::set_attribute(::onnx::NodeProto& node, const char* name, std::int64_t value) {
    ::onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(::onnx::AttributeProto::INT);
    attribute.set_i(value);
}

void Writer::set_attribute(::onnx::NodeProto& node, const char* name, const Integers& values) {
    ::onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(::onnx::AttributeProto::INTS);
    attribute.mutable_ints()->Assign(values.begin(), values.end());
}

::onnx::TensorProto& Writer::add_tensor(const std::string& name, const Integers& dimensions) {
    ::onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(::onnx::TensorProto::FLOAT);
    tensor.mutable_dims()->Assign(dimensions.begin(), dimensions.end());
    return tensor;
}

std::string Writer::add_weights(LayerIndex index, const Integers& dimensions, std::int64_t fan_in) {
    const std::string name = free_name(std::string(network_.layer_name(index)) + ".weight");
    std::string& bytes = *add_tensor(name, dimensions).mutable_raw_data();
    std::int64_t elements = 1;
    for (const std::int64_t dimension : dimensions) {
        elements *= dimension;
    }
    bytes.reserve(static_cast<std::size_t>(elements) * sizeof(float));
    const double bound = std::sqrt(6 / static_cast<double>(fan_in));
    Uniform uniform(index);
    for (std::int64_t element = 0; element < elements; ++element) {
        append_little_endian(bytes, static_cast<float>(bound * uniform.next()));
    }
    return name;
}

std::string Writer::add_filled(LayerIndex index, const char* what, std::int64_t count, float value) {
    const std::string name = free_name(std::string(network_.layer_name(index)) + '.' + what);
    std::string& bytes = *add_tensor(name, {count}).mutable_raw_data();
    for (std::int64_t element = 0; element < count; ++element) {
        append_little_endian(bytes, value);
    }
    return name;
}

std::string Writer::add_integers(LayerIndex index, const char* what, const Integers& values) {
    const std::string name = free_name(std::string(network_.layer_name(index)) + '.' + what);
    ::onnx::TensorProto& tensor = add_tensor(name, {static_cast<std::int64_t>(values.size())});
    tensor.set_data_type(::onnx::TensorProto::INT64);
    tensor.mutable_int64_data()->Assign(values.begin(), values.end());
    return name;
}

// The operand's tensor with `rank` dimensions. Only a vector has two forms.
std::string Writer::operand(LayerIndex index, std::size_t which, std::size_t rank) {
    const LayerIndex read = network_.operands(index)[which];
    Value& value = values_[read];
    if (value.rank == rank) {
        return value.name;
    }
    if (value.other_rank_name.empty()) {
        const bool squeezes = rank == 2;
        value.other_rank_name = free_name(value.name + (squeezes ? ".vector" : ".image"));
        const std::string axes = add_integers(read, "axes", {2, 3});
        add_node(squeezes ? "Squeeze" : "Unsqueeze", {value.name, axes}, value.other_rank_name);
    }
    return value.other_rank_name;
}

void Writer::set_window(::onnx::NodeProto& node, const Window& window) {
    set_attribute(node, "kernel_shape", Integers{window.kernel_height, window.kernel_width});
    set_attribute(node, "strides", Integers{window.stride_height, window.stride_width});
    set_attribute(node, "pads", Integers{window.pad_top, window.pad_left, window.pad_bottom, window.pad_right});
}

void Writer::set_value_info(::onnx::ValueInfoProto& info, LayerIndex index, const std::string& name) const {
    info.set_name(name);
    ::onnx::TypeProto::Tensor& tensor = *info.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(::onnx::TensorProto::FLOAT);
    const Shape& shape = network_.layer(index).output;
    tensor.mutable_shape()->add_dim()->set_dim_param("batch");
    tensor.mutable_shape()->add_dim()->set_dim_value(shape.channels);
    if (values_[index].rank == 4) {
        tensor.mutable_shape()->add_dim()->set_dim_value(shape.height);
        tensor.mutable_shape()->add_dim()->set_dim_value(shape.width);
    }
}

void Writer::add_convolution(LayerIndex index, const std::string& name) {
    const Layer& layer = network_.layer(index);
    const Window& window = layer.window;
    const std::int64_t input_channels = network_.operand_shape(index).channels / layer.groups;
    const std::int64_t fan_in = input_channels * window.kernel_height * window.kernel_width;
    std::vector<std::string> inputs{
        operand(index, 0, 4),
        add_weights(index, {layer.output.channels, input_channels, window.kernel_height, window.kernel_width}, fan_in)};
    if (layer.bias) {
        inputs.push_back(add_filled(index, "bias", layer.output.channels, 0));
    }
    ::onnx::NodeProto& node = add_node("Conv", inputs, name);
    set_window(node, window);
    set_attribute(node, "group", std::int64_t{layer.groups});
}

void Writer::add_fully_connected(LayerIndex index, const std::string& name) {
    const Layer& layer = network_.layer(index);
    const std::int64_t input_features = network_.operand_shape(index).channels;
    std::vector<std::string> inputs{operand(index, 0, 2),
                                    add_weights(index, {layer.output.channels, input_features}, input_features)};
    if (layer.bias) {
        inputs.push_back(add_filled(index, "bias", layer.output.channels, 0));
    }
    set_attribute(add_node("Gemm", inputs, name), "transB", std::int64_t{1});
    values_[index].rank = 2;
}

void Writer::add_batch_normalization(LayerIndex index, const std::string& name) {
    const std::int64_t channels = network_.layer(index).output.channels;
    values_[index].rank = values_[network_.operands(index)[0]].rank;
    const std::string input = operand(index, 0, values_[index].rank);
    const std::string scale = add_filled(index, "weight", channels, 1);
    const std::string bias = add_filled(index, "bias", channels, 0);
    const std::string mean = add_filled(index, "running_mean", channels, 0);
    const std::string variance = add_filled(index, "running_var", channels, 1);
    add_node("BatchNormalization", {input, scale, bias, mean, variance}, name);
}

void Writer::add_pad(LayerIndex index, const std::string& name) {
    const Window& pads = network_.layer(index).window;
    const std::string input = operand(index, 0, 4);
    const std::string sides =
        add_integers(index, "pads", {0, 0, pads.pad_top, pads.pad_left, 0, 0, pads.pad_bottom, pads.pad_right});
    add_node("Pad", {input, sides}, name);
}

void Writer::add_layer(LayerIndex index) {
    const Layer& layer = network_.layer(index);
    const std::string name(network_.layer_name(index));
    values_[index].name = name;
    switch (layer.kind) {
        case LayerKind::input:
            set_value_info(*model_.mutable_graph()->add_input(), index, name);
            break;
        case LayerKind::convolution:
            add_convolution(index, name);
            break;
        case LayerKind::batch_normalization:
            add_batch_normalization(index, name);
            break;
        case LayerKind::activation: {
            values_[index].rank = values_[network_.operands(index)[0]].rank;
            const std::string input = operand(index, 0, values_[index].rank);
            if (layer.activation == arch::Activation::square) {
                add_node("Mul", {input, input}, name);
            } else {
                add_node(layer.activation == arch::Activation::relu ? "Relu" : "Identity", {input}, name);
            }
            break;
        }
        case LayerKind::max_pool:
            set_window(add_node("MaxPool", {operand(index, 0, 4)}, name), layer.window);
            break;
        case LayerKind::average_pool: {
            ::onnx::NodeProto& node = add_node("AveragePool", {operand(index, 0, 4)}, name);
            set_window(node, layer.window);
            set_attribute(node, "count_include_pad", std::int64_t{1});
            break;
        }
        case LayerKind::global_max_pool:
            add_node("GlobalMaxPool", {operand(index, 0, 4)}, name);
            break;
        case LayerKind::global_average_pool:
            add_node("GlobalAveragePool", {operand(index, 0, 4)}, name);
            break;
        case LayerKind::fully_connected:
            add_fully_connected(index, name);
            break;
        case LayerKind::add:
        case LayerKind::concat: {
            std::vector<std::string> inputs;
            for (std::size_t which = 0; which < network_.operands(index).size(); ++which) {
                inputs.push_back(operand(index, which, 4));
            }
            if (layer.kind == LayerKind::concat) {
                set_attribute(add_node("Concat", inputs, name), "axis", std::int64_t{1});
            } else {
                add_node(inputs.size() == 2 ? "Add" : "Sum", inputs, name);
            }
            break;
        }
        case LayerKind::flatten:
            add_node("Flatten", {operand(index, 0, values_[network_.operands(index)[0]].rank)}, name);
            values_[index].rank = 2;
            break;
        case LayerKind::pad:
            add_pad(index, name);
            break;
    }
}

std::string Writer::write() {
    model_.set_ir_version(format_version);
    model_.set_producer_name("sotto");
    ::onnx::OperatorSetIdProto& set = *model_.add_opset_import();
    set.set_domain("");
    set.set_version(operator_set);
    model_.mutable_graph()->set_name(network_.name().empty() ? "network" : network_.name());
    for (LayerIndex index = 0; index < network_.size(); ++index) {
        names_.emplace(network_.layer_name(index));
    }
    for (LayerIndex index = 0; index < network_.size(); ++index) {
        add_layer(index);
    }
    set_value_info(*model_.mutable_graph()->add_output(), network_.output(), values_[network_.output()].name);
    return model_.SerializeAsString();
}

}  // namespace

std::string to_onnx(const Network& network) {
    if (arch::count(network).parameters > maximum_written_parameters) {
        throw std::length_error("a network of more than " + std::to_string(maximum_written_parameters) +
                                " parameters does not fit an ONNX file");
    }
    return Writer(network).write();
}

}  // namespace sotto::onnx
