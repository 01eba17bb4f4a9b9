// SPDX-License-Identifier: Apache-2.0
#include "engine/onnx/fold.hpp"

#include <algorithm>
#include <numeric>
#include <string>

namespace sotto::onnx {
namespace {

using Inputs = std::span<const Constant* const>;
using Integers = std::vector<std::int64_t>;

const Constant& required(const Node& node, Inputs inputs, std::size_t which) {
    if (which >= inputs.size() || inputs[which] == nullptr) {
        node.fail("input " + std::to_string(which) + " is left out", {}, "a constant");
    }
    return *inputs[which];
}

const Constant* optional_input(Inputs inputs, std::size_t which) {
    return which < inputs.size() ? inputs[which] : nullptr;
}

// The same elements under other dimensions.
Constant with_dimensions(const Constant& constant, Integers dimensions) {
    Constant result = constant;
    result.dimensions = std::move(dimensions);
    return result;
}

// Dimensions and values of a part or a rearrangement; the values where they are known.
Constant rearranged(const Constant& constant, Integers dimensions, const std::vector<std::size_t>& elements) {
    Integers values;
    for (const std::size_t element : elements) {
        values.push_back((*constant.integers)[element]);
    }
    return make_integers(std::move(dimensions), std::move(values));
}

Constant read_constant_node(const Node& node) {
    node.only_attributes({"value", "value_int", "value_ints", "value_float", "value_floats"});
    if (const ::onnx::TensorProto* tensor = node.find_tensor("value")) {
        return read_constant(*tensor, node.file(), node.text() + ": its value");
    }
    if (const auto integer = node.find_integer("value_int")) {
        return make_integers({}, {*integer});
    }
    if (auto integers = node.find_integers("value_ints")) {
        const auto count = static_cast<std::int64_t>(integers->size());
        if (count > maximum_kept_elements) {
            return {{count}, {}, {}, false};
        }
        return make_integers({count}, std::move(*integers));
    }
    if (const auto number = node.find_number("value_float")) {
        return {{}, {}, number, false};
    }
    node.fail("has no value that is read", {}, "a tensor, an integer, integers or a number");
}

Constant fill(const Node& node, Inputs inputs) {
    node.only_attributes({"value"});
    const Integers& dimensions = integers_of(node, required(node, inputs, 0), "shape");
    std::int64_t elements = 1;
    for (const std::int64_t extent : dimensions) {
        elements = extent < 0 || extent > maximum_kept_elements || elements > maximum_kept_elements
                       ? maximum_kept_elements + 1
                       : elements * extent;
    }
    if (elements > maximum_kept_elements || dimensions.size() > maximum_rank) {
        node.fail("the shape is not computed", to_text(dimensions),
                  "at most " + std::to_string(maximum_rank) + " dimensions and " +
                      std::to_string(maximum_kept_elements) + " elements");
    }
    const ::onnx::TensorProto* tensor = node.find_tensor("value");
    const Constant value =
        tensor == nullptr ? Constant{} : read_constant(*tensor, node.file(), node.text() + ": its value");
    if (value.integers && value.integers->size() == 1) {
        return make_integers(dimensions, Integers(static_cast<std::size_t>(elements), value.integers->front()));
    }
    return {dimensions, {}, {}, false};
}

Constant concatenate(const Node& node, Inputs inputs) {
    node.only_attributes({"axis"});
    Integers values;
    for (std::size_t which = 0; which < inputs.size(); ++which) {
        const Constant& part = required(node, inputs, which);
        const Integers& integers = integers_of(node, part, "input " + std::to_string(which));
        if (part.dimensions.size() != 1) {
            node.fail("joins constants that are no lists", part.text(), "lists of integers");
        }
        values.insert(values.end(), integers.begin(), integers.end());
        if (values.size() > static_cast<std::size_t>(maximum_kept_elements)) {
            node.fail("joins too many integers", {}, "at most " + std::to_string(maximum_kept_elements));
        }
    }
    const auto count = static_cast<std::int64_t>(values.size());
    return make_integers({count}, std::move(values));
}

Constant gather(const Node& node, Inputs inputs) {
    node.only_attributes({"axis"});
    const Constant& from = required(node, inputs, 0);
    const Constant& which = required(node, inputs, 1);
    const Integers& indices = integers_of(node, which, "indices");
    if (!from.integers || from.dimensions.size() != 1 || node.integer("axis", 0) != 0 || which.dimensions.size() > 1) {
        node.fail("takes elements of " + from.text(), {}, "elements of a list of integers");
    }
    std::vector<std::size_t> elements;
    for (const std::int64_t index : indices) {
        elements.push_back(axis_from_start(node, index, from.integers->size()));
    }
    return rearranged(from, which.dimensions, elements);
}

// The bounds of Slice along its one axis: attributes up to operator set 9, inputs later.
struct Slice {
    std::int64_t start;
    std::int64_t end;
    std::int64_t axis;
    std::int64_t step;
};

std::int64_t one_bound(const Node& node, Inputs inputs, std::size_t which, std::string_view attribute,
                       std::optional<std::int64_t> otherwise) {
    Integers found;
    if (const auto stated = node.find_integers(attribute)) {
        found = *stated;
    } else if (const Constant* input = optional_input(inputs, which)) {
        found = integers_of(node, *input, std::string(attribute));
    } else if (otherwise) {
        found = {*otherwise};
    }
    if (found.size() != 1) {
        node.fail("attribute or input " + in_quotes(attribute), to_text(found), "one number");
    }
    return found.front();
}

Constant slice(const Node& node, Inputs inputs) {
    node.only_attributes({"starts", "ends", "axes"});
    const Constant& from = required(node, inputs, 0);
    const Slice bounds{one_bound(node, inputs, 1, "starts", {}), one_bound(node, inputs, 2, "ends", {}),
                       one_bound(node, inputs, 3, "axes", 0), one_bound(node, inputs, 4, "steps", 1)};
    if (!from.integers || from.elements() == 0 || from.dimensions.empty() ||
        axis_from_start(node, bounds.axis, from.dimensions.size()) != 0 || bounds.step == 0) {
        node.fail("takes a part of " + from.text(), "axis " + std::to_string(bounds.axis),
                  "a part of integers along axis 0");
    }
    const std::int64_t rows = from.dimensions[0];
    const std::int64_t row_elements = from.elements() / rows;
    // As the operator has it: negative bounds count from the end, then both are cut to the tensor.
    const auto cut = [rows](std::int64_t bound, std::int64_t least, std::int64_t most) {
        return std::clamp(bound < 0 ? std::max(bound, -rows - 1) + rows : bound, least, most);
    };
    const bool is_forward = bounds.step > 0;
    const std::int64_t last = is_forward ? rows : rows - 1;
    const std::int64_t first = is_forward ? 0 : -1;
    const std::int64_t step = std::clamp<std::int64_t>(bounds.step, -rows - 1, rows + 1);
    const std::int64_t start = cut(bounds.start, 0, last);
    const std::int64_t end = cut(bounds.end, first, last);
    std::vector<std::size_t> elements;
    std::int64_t taken = 0;
    for (std::int64_t row = start; is_forward ? row < end : row > end; row += step) {
        for (std::int64_t element = 0; element < row_elements; ++element) {
            elements.push_back(static_cast<std::size_t>(row * row_elements + element));
        }
        ++taken;
    }
    Integers dimensions = from.dimensions;
    dimensions[0] = taken;
    return rearranged(from, std::move(dimensions), elements);
}

Constant transpose(const Node& node, Inputs inputs) {
    node.only_attributes({"perm"});
    const Constant& from = required(node, inputs, 0);
    const std::size_t rank = from.dimensions.size();
    Integers order(rank);
    std::iota(order.rbegin(), order.rend(), 0);
    order = node.find_integers("perm").value_or(order);
    Integers dimensions;
    std::vector<bool> taken(rank, false);
    for (const std::int64_t axis : order) {
        const std::size_t at = axis_from_start(node, axis, rank);
        if (taken[at]) {
            node.fail("attribute 'perm' names an axis twice", to_text(order));
        }
        taken[at] = true;
        dimensions.push_back(from.dimensions[at]);
    }
    if (dimensions.size() != rank) {
        node.fail("attribute 'perm'", to_text(order), "each of " + std::to_string(rank) + " axes once");
    }
    if (!from.integers || from.elements() == 0 || rank != 2 || order == Integers{0, 1}) {
        Constant result = with_dimensions(from, std::move(dimensions));
        if (rank > 1 && !std::is_sorted(order.begin(), order.end())) {
            result.integers.reset();  // shapes of weights matter, their values do not
        }
        return result;
    }
    std::vector<std::size_t> elements;
    for (std::int64_t column = 0; column < from.dimensions[1]; ++column) {
        for (std::int64_t row = 0; row < from.dimensions[0]; ++row) {
            elements.push_back(static_cast<std::size_t>(row * from.dimensions[1] + column));
        }
    }
    return rearranged(from, std::move(dimensions), elements);
}

}  // namespace

const std::vector<std::int64_t>& integers_of(const Node& node, const Constant& constant, const std::string& what) {
    if (!constant.integers) {
        node.fail(what + " is not known", constant.text(), "integers that the file holds");
    }
    return *constant.integers;
}

std::size_t axis_from_start(const Node& node, std::int64_t axis, std::size_t rank) {
    const auto count = static_cast<std::int64_t>(rank);
    if (axis < -count || axis >= count) {
        node.fail("axis or index out of range", std::to_string(axis),
                  count == 0 ? "none" : std::to_string(-count) + " to " + std::to_string(count - 1));
    }
    return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

std::optional<std::vector<std::int64_t>> axes_of(const Node& node, const Constant* input) {
    if (auto axes = node.find_integers("axes")) {
        return axes;
    }
    return input == nullptr ? std::nullopt : std::optional<Integers>(integers_of(node, *input, "axes"));
}

std::vector<std::int64_t> reshaped(const Node& node, const std::vector<std::int64_t>& from,
                                   const std::vector<std::int64_t>& target) {
    const auto fail = [&] { node.fail("the shape does not fit", to_text(target), "the elements of " + to_text(from)); };
    if (target.size() > maximum_rank) {
        fail();
    }
    const bool copies = !node.flag("allowzero", false);
    const std::int64_t elements = element_count(from);
    Integers result = target;
    std::optional<std::size_t> open;
    std::int64_t stated = 1;
    for (std::size_t at = 0; at < target.size(); ++at) {
        if (target[at] == 0 && copies) {
            if (at >= from.size()) {
                fail();
            }
            result[at] = from[at];
        }
        if (target[at] == -1 && !open) {
            open = at;
            continue;
        }
        if (result[at] < 0 || (result[at] > 0 && stated > std::max<std::int64_t>(elements, 1) / result[at])) {
            fail();
        }
        stated *= result[at];
    }
    if (open) {
        if (stated == 0 || elements % stated != 0) {
            fail();
        }
        result[*open] = elements / stated;
        stated *= result[*open];
    }
    if (stated != elements) {
        fail();
    }
    return result;
}

std::vector<std::int64_t> squeezed(const Node& node, const std::vector<std::int64_t>& from,
                                   const std::optional<std::vector<std::int64_t>>& axes) {
    std::vector<bool> goes(from.size(), false);
    if (axes) {
        for (const std::int64_t axis : *axes) {
            const std::size_t at = axis_from_start(node, axis, from.size());
            if (from[at] != 1) {
                node.fail("squeezes axis " + std::to_string(axis) + " of " + to_text(from), std::to_string(from[at]),
                          "1");
            }
            goes[at] = true;
        }
    } else {
        std::transform(from.begin(), from.end(), goes.begin(), [](std::int64_t extent) { return extent == 1; });
    }
    Integers result;
    for (std::size_t at = 0; at < from.size(); ++at) {
        if (!goes[at]) {
            result.push_back(from[at]);
        }
    }
    return result;
}

std::vector<std::int64_t> unsqueezed(const Node& node, const std::vector<std::int64_t>& from,
                                     const std::vector<std::int64_t>& axes) {
    const std::size_t rank = from.size() + axes.size();
    if (rank > maximum_rank) {
        node.fail("too many dimensions", std::to_string(rank), "at most " + std::to_string(maximum_rank));
    }
    std::vector<bool> is_new(rank, false);
    for (const std::int64_t axis : axes) {
        const std::size_t at = axis_from_start(node, axis, rank);
        if (is_new[at]) {
            node.fail("attribute or input 'axes' names an axis twice", to_text(axes));
        }
        is_new[at] = true;
    }
    Integers result;
    auto next = from.begin();
    for (std::size_t at = 0; at < rank; ++at) {
        result.push_back(is_new[at] ? 1 : *next++);
    }
    return result;
}

Constant shape_of(const Node& node, const std::vector<std::int64_t>& dimensions) {
    node.only_attributes({"start", "end"});
    const auto rank = static_cast<std::int64_t>(dimensions.size());
    const auto bound = [rank](std::int64_t value) {
        return std::clamp<std::int64_t>(value < 0 ? std::max(value, -rank) + rank : value, 0, rank);
    };
    const std::int64_t start = bound(node.integer("start", 0));
    const std::int64_t end = std::max(start, bound(node.integer("end", rank)));
    return make_integers({end - start}, Integers(dimensions.begin() + start, dimensions.begin() + end));
}

std::optional<Constant> fold(const Node& node, std::span<const Constant* const> inputs) {
    const std::string& operation = node.operation();
    if (operation == "Constant") {
        node.check_inputs(0, 0);
        return read_constant_node(node);
    }
    if (operation == "ConstantOfShape") {
        node.check_inputs(1, 1);
        return fill(node, inputs);
    }
    if (operation == "Concat") {
        node.check_inputs(1, maximum_kept_elements);
        return concatenate(node, inputs);
    }
    if (operation == "Gather") {
        node.check_inputs(2, 2);
        return gather(node, inputs);
    }
    if (operation == "Slice") {
        node.check_inputs(1, 5);
        return slice(node, inputs);
    }
    if (operation == "Transpose") {
        node.check_inputs(1, 1);
        return transpose(node, inputs);
    }
    if (operation == "Identity" || operation == "Cast") {
        node.check_inputs(1, 1);
        Constant same = required(node, inputs, 0);
        if (operation == "Cast" && is_float_type(static_cast<std::int32_t>(node.integer("to", 0)))) {
            same.integers.reset();
        }
        return same;
    }
    if (operation == "Reshape") {
        node.check_inputs(2, 2);
        node.only_attributes({"allowzero"});
        const Constant& from = required(node, inputs, 0);
        return with_dimensions(from,
                               reshaped(node, from.dimensions, integers_of(node, required(node, inputs, 1), "shape")));
    }
    if (operation == "Shape") {
        node.check_inputs(1, 1);
        return shape_of(node, required(node, inputs, 0).dimensions);
    }
    if (operation == "Squeeze" || operation == "Unsqueeze") {
        node.check_inputs(1, 2);
        node.only_attributes({"axes"});
        const Constant& from = required(node, inputs, 0);
        const std::optional<Integers> axes = axes_of(node, optional_input(inputs, 1));
        return with_dimensions(from, operation == "Squeeze"
                                         ? squeezed(node, from.dimensions, axes)
                                         : unsqueezed(node, from.dimensions, axes.value_or(Integers{})));
    }
    return std::nullopt;
}

}  // namespace sotto::onnx
