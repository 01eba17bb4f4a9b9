// SPDX-License-Identifier: Apache-2.0
// Operators that arrange dimensions. Flatten and Reshape to a vector are layers; the others change what the file calls
// a tensor and nothing that is computed.
#include <algorithm>
#include <numeric>

#include "engine/onnx/fold.hpp"
#include "engine/onnx/layers.hpp"

namespace sotto::onnx {
namespace {

using arch::LayerIndex;
using arch::LayerKind;
using Integers = std::vector<std::int64_t>;

// A tensor of fewer dimensions than an image has no place of its own for the channels.
Tensor with_dimensions(const Tensor& from, Integers dimensions) {
    Tensor result = from;
    result.channels_last = from.channels_last && dimensions.size() == from.dimensions.size();
    result.dimensions = std::move(dimensions);
    return result;
}

}  // namespace

void Layers::add_flatten(const Node& node, const Tensor& from, Integers dimensions) {
    const LayerIndex layer = located(node, [&] { return builder_.add_flatten(layer_name(node), from.layer); });
    set_result(node, Tensor{layer, std::move(dimensions), false, {}});
}

void Layers::read_flatten(const Node& node) {
    node.check_inputs(1, 1);
    node.only_attributes({"axis"});
    const Tensor& from = tensor(node, 0);
    const std::int64_t stated = node.integer("axis", 1);
    const auto rank = static_cast<std::int64_t>(from.dimensions.size());
    const std::size_t axis =
        stated == rank ? from.dimensions.size() : axis_from_start(node, stated, from.dimensions.size());
    const auto end = from.dimensions.begin() + static_cast<std::ptrdiff_t>(axis);
    if (std::any_of(from.dimensions.begin(), end, [](std::int64_t extent) { return extent != 1; })) {
        node.fail("does not make a vector: attribute 'axis' for " + to_text(from.dimensions), std::to_string(stated),
                  "1, the dimension behind the batch");
    }
    add_flatten(node, from, {1, element_count(from.dimensions)});
}

void Layers::read_reshape(const Node& node) {
    node.check_inputs(2, 2);
    node.only_attributes({"allowzero"});
    const Tensor& from = tensor(node, 0);
    Integers dimensions = reshaped(node, from.dimensions, integers_of(node, constant(node, 1, "dimensions"), "shape"));
    const std::int64_t elements = element_count(from.dimensions);
    if (dimensions == from.dimensions) {
        set_result(node, from);
    } else if (dimensions == Integers{1, elements} || dimensions == Integers{elements}) {
        add_flatten(node, from, std::move(dimensions));
    } else if (dimensions == Integers{1, elements, 1, 1} && builder_.shape(from.layer).channels == elements) {
        set_result(node, with_dimensions(vector(node), std::move(dimensions)));
    } else {
        node.fail("rearranges an image", to_text(from.dimensions) + " to " + to_text(dimensions),
                  "a vector: " + to_text({1, elements}));
    }
}

void Layers::read_squeeze(const Node& node) {
    node.check_inputs(1, 2);
    node.only_attributes({"axes"});
    const Tensor& from = tensor(node, 0);
    set_result(node, with_dimensions(from, squeezed(node, from.dimensions, axes_of(node, find_constant(node, 1)))));
}

void Layers::read_unsqueeze(const Node& node) {
    node.check_inputs(1, 2);
    node.only_attributes({"axes"});
    const Tensor& from = tensor(node, 0);
    const std::optional<Integers> axes = axes_of(node, find_constant(node, 1));
    set_result(node, with_dimensions(from, unsqueezed(node, from.dimensions, axes.value_or(Integers{}))));
}

// Between an image with its channels first and one with its channels last.
void Layers::read_transpose(const Node& node) {
    node.check_inputs(1, 1);
    node.only_attributes({"perm"});
    Tensor from = tensor(node, 0);
    const std::size_t rank = from.dimensions.size();
    Integers order(rank);
    std::iota(order.rbegin(), order.rend(), 0);
    order = node.find_integers("perm").value_or(order);
    Integers in_place(rank);
    std::iota(in_place.begin(), in_place.end(), 0);
    if (order != in_place) {
        const Integers wanted = from.channels_last ? Integers{0, 3, 1, 2} : Integers{0, 2, 3, 1};
        if (rank != 4 || order != wanted || from.dimensions != image_dimensions(from, from.channels_last)) {
            node.fail("rearranges the image: attribute 'perm' for " + to_text(from.dimensions), to_text(order),
                      to_text(wanted) + " of an image");
        }
        from.channels_last = !from.channels_last;
        from.dimensions = image_dimensions(from, from.channels_last);
    }
    set_result(node, std::move(from));
}

// ReduceMean and ReduceMax over height and width are global pools.
void Layers::read_reduction(const Node& node) {
    node.check_inputs(1, 2);
    node.only_attributes({"axes", "keepdims", "noop_with_empty_axes"});
    const Tensor& from = tensor(node, 0);
    std::vector<std::size_t> axes;
    for (const std::int64_t axis : axes_of(node, find_constant(node, 1)).value_or(Integers{})) {
        axes.push_back(axis_from_start(node, axis, from.dimensions.size()));
    }
    std::sort(axes.begin(), axes.end());
    const std::size_t height_axis = from.channels_last ? 1 : 2;
    if (from.dimensions != image_dimensions(from, from.channels_last) ||
        axes != std::vector<std::size_t>{height_axis, height_axis + 1}) {
        node.fail("reduces other axes of " + to_text(from.dimensions) + " than an image's height and width",
                  to_text({axes.begin(), axes.end()}),
                  "both: [" + std::to_string(height_axis) + ", " + std::to_string(height_axis + 1) + "]");
    }
    const LayerKind kind =
        node.operation() == "ReduceMax" ? LayerKind::global_max_pool : LayerKind::global_average_pool;
    Tensor result = from;
    result.layer = located(node, [&] { return builder_.add_global_pool(layer_name(node), from.layer, kind); });
    result.dimensions = image_dimensions(result, result.channels_last);
    if (!node.flag("keepdims", true)) {
        result = with_dimensions(result, {1, builder_.shape(result.layer).channels});
    }
    set_result(node, std::move(result));
}

// Between floating-point types.
void Layers::read_cast(const Node& node) {
    node.check_inputs(1, 1);
    const std::int64_t type = node.integer("to", 0);
    if (!is_float_type(static_cast<std::int32_t>(type))) {
        node.fail("makes the image's numbers another type: attribute 'to'", std::to_string(type),
                  "a floating-point type");
    }
    set_result(node, any_tensor(node, 0));
}

// A layer, but behind a softmax, where exporters name the output so.
void Layers::read_identity(const Node& node) {
    node.check_inputs(1, 1);
    node.only_attributes({});
    if (any_tensor(node, 0).softmax.empty()) {
        add_activation(node, arch::Activation::identity);
    } else {
        set_result(node, any_tensor(node, 0));
    }
}

void Layers::read_shape(const Node& node) {
    node.check_inputs(1, 1);
    set_result(node, shape_of(node, any_tensor(node, 0).dimensions));
}

}  // namespace sotto::onnx
