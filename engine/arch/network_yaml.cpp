// SPDX-License-Identifier: Apache-2.0
#include "engine/arch/network_yaml.hpp"

#include <array>
#include <initializer_list>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/arch/network_builder.hpp"
#include "engine/input/yaml_document.hpp"

namespace sotto::arch {
namespace {

using input::InputError;
using input::SourceLocation;
using input::YamlValue;

enum class Type {
    conv,
    batch_norm,
    relu,
    square,
    identity,
    max_pool,
    average_pool,
    global_max_pool,
    global_average_pool,
    fully_connected,
    add,
    concat,
    flatten,
    pad,
};

constexpr std::array<std::string_view, 14> type_names{"conv",
                                                      "batch_norm",
                                                      "relu",
                                                      "square",
                                                      "identity",
                                                      "max_pool",
                                                      "average_pool",
                                                      "global_max_pool",
                                                      "global_average_pool",
                                                      "fully_connected",
                                                      "add",
                                                      "concat",
                                                      "flatten",
                                                      "pad"};

constexpr std::array<std::string_view, 3> form_names{"automatic", "homomorphic", "elementwise"};

std::string in_quotes(std::string_view name) {
    return '\'' + std::string(name) + '\'';
}

// One document to one network; the names of all layers are known before the first is built.
class Reader {
  public:
    Network read(const YamlValue& document);

  private:
    void collect_names(const YamlValue& input, const std::vector<YamlValue>& layers);
    void add_name(const std::string& name, const SourceLocation& location);
    void add_input(const YamlValue& input);
    LayerIndex add_layer(const YamlValue& value);
    void check_keys(const YamlValue& value, const std::string& what, Type type) const;
    LayerIndex find_operand(const YamlValue& value, const std::string& reader) const;
    LayerIndex operand(const YamlValue& value, const std::string& reader) const;
    std::vector<LayerIndex> operands(const YamlValue& value, const std::string& reader, const std::string& what) const;
    Window window(const YamlValue& value, const std::string& what, const Shape& input, bool stride_is_required) const;

    // The builder's refusals, at the line of the layer.
    template <typename Call>
    auto located(Call call) const {
        try {
            return call();
        } catch (const InvalidNetwork& error) {
            const auto layer = names_.find(error.layer());
            throw InputError(
                {layer == names_.end() ? document_location_ : layer->second.location, error.what(), {}, {}, {}});
        }
    }

    struct Name {
        SourceLocation location;
        std::optional<LayerIndex> index;  // once built
    };

    NetworkBuilder builder_;
    std::map<std::string, Name> names_;
    SourceLocation document_location_;
};

std::string name_of_input(const YamlValue& input) {
    const std::optional<YamlValue> name = input.find("name");
    return name ? name->as_text("name of the input") : "input";
}

std::int32_t integer(const YamlValue& value, const std::string& what, std::int32_t least, std::int32_t most) {
    return static_cast<std::int32_t>(value.as_integer(what, least, most));
}

// `3` or `[height, width]`.
std::pair<std::int32_t, std::int32_t> extents(const YamlValue& value, const std::string& what) {
    if (value.kind() == YamlValue::Kind::sequence) {
        const std::vector<YamlValue> items = value.items(what);
        if (items.size() != 2) {
            value.fail(what + " has the wrong length", "a whole number or [height, width]");
        }
        return {integer(items[0], what, 1, maximum_extent), integer(items[1], what, 1, maximum_extent)};
    }
    const std::int32_t extent = integer(value, what, 1, maximum_extent);
    return {extent, extent};
}

// `valid`, `same`, `1` or `[top, bottom, left, right]`.
void read_padding(const YamlValue& value, const std::string& what, const Shape& input, bool allows_same,
                  Window& window) {
    if (value.kind() == YamlValue::Kind::sequence) {
        const std::vector<YamlValue> items = value.items(what);
        if (items.size() != 4) {
            value.fail(what + " has the wrong length", "[top, bottom, left, right]");
        }
        window.pad_top = integer(items[0], what, 0, maximum_extent);
        window.pad_bottom = integer(items[1], what, 0, maximum_extent);
        window.pad_left = integer(items[2], what, 0, maximum_extent);
        window.pad_right = integer(items[3], what, 0, maximum_extent);
        return;
    }
    if (allows_same && value.kind() == YamlValue::Kind::scalar) {
        constexpr std::array<std::string_view, 2> names{"valid", "same"};
        const std::string text = value.as_text(what);
        if (text == "valid") {
            return;
        }
        if (text == "same") {
            window = same_padding(window, input);
            return;
        }
        if (text.find_first_not_of("-0123456789") != std::string::npos) {
            value.fail("unknown " + what, "'valid', 'same', a whole number or [top, bottom, left, right]",
                       std::string(input::nearest_name(text, names)));
        }
    }
    const std::int32_t pad = integer(value, what, 0, maximum_extent);
    window.pad_top = pad;
    window.pad_bottom = pad;
    window.pad_left = pad;
    window.pad_right = pad;
}

Network Reader::read(const YamlValue& document) {
    constexpr std::array<std::string_view, 3> keys{"network", "input", "layers"};
    document.only_keys("a network", keys);
    document_location_ = document.location();
    builder_.reset(document.require("a network", "network").as_text("name of the network"));
    const YamlValue input = document.require("a network", "input");
    std::vector<YamlValue> layers;
    if (const std::optional<YamlValue> list = document.find("layers")) {
        layers = list->items("layers");
    }
    constexpr std::array<std::string_view, 2> input_keys{"name", "shape"};
    input.only_keys("input", input_keys);
    collect_names(input, layers);
    add_input(input);
    LayerIndex last = 0;
    for (const YamlValue& layer : layers) {
        last = add_layer(layer);
    }
    return located([this, last] { return builder_.finish(last); });
}

void Reader::collect_names(const YamlValue& input, const std::vector<YamlValue>& layers) {
    add_name(name_of_input(input), input.location());
    for (const YamlValue& layer : layers) {
        add_name(layer.require("a layer", "name").as_text("name of a layer"), layer.location());
    }
}

void Reader::add_name(const std::string& name, const SourceLocation& location) {
    const auto [earlier, is_new] = names_.emplace(name, Name{location, std::nullopt});
    if (!is_new) {
        throw InputError({location,
                          "two layers have one name",
                          in_quotes(name),
                          "another name than that of line " + std::to_string(earlier->second.location.line),
                          {}});
    }
}

void Reader::add_input(const YamlValue& input) {
    const std::string name = name_of_input(input);
    const YamlValue shape = input.require("input", "shape");
    const std::vector<YamlValue> sizes = shape.items("shape of the input");
    if (sizes.size() != 3) {
        shape.fail("shape of the input has the wrong length", "[channels, height, width]");
    }
    const Shape size{integer(sizes[0], "channels of the input", 1, maximum_channels),
                     integer(sizes[1], "height of the input", 1, maximum_extent),
                     integer(sizes[2], "width of the input", 1, maximum_extent)};
    names_.at(name).index = located([&] { return builder_.add_input(name, size); });
}

void Reader::check_keys(const YamlValue& value, const std::string& what, Type type) const {
    std::vector<std::string_view> keys{"name", "type", "from"};
    const auto allow = [&keys](std::initializer_list<std::string_view> more) {
        keys.insert(keys.end(), more.begin(), more.end());
    };
    switch (type) {
        case Type::conv:
            allow({"channels", "kernel", "stride", "padding", "groups", "bias"});
            break;
        case Type::batch_norm:
            allow({"form", "foldable"});
            break;
        case Type::max_pool:
        case Type::average_pool:
            allow({"kernel", "stride", "padding"});
            break;
        case Type::fully_connected:
            allow({"features", "bias"});
            break;
        case Type::pad:
            allow({"padding"});
            break;
        default:
            break;
    }
    value.only_keys(what, keys);
}

LayerIndex Reader::find_operand(const YamlValue& value, const std::string& reader) const {
    const std::string name = value.as_text("operand of layer " + in_quotes(reader));
    const auto found = names_.find(name);
    if (found == names_.end()) {
        std::vector<std::string_view> known;
        for (const auto& [layer, place] : names_) {
            if (place.index) {
                known.push_back(layer);
            }
        }
        value.fail("layer " + in_quotes(reader) + " reads an unknown layer", "the name of a layer above",
                   std::string(input::nearest_name(name, known)));
    }
    if (name == reader) {
        value.fail("layer " + in_quotes(reader) + " reads itself", "the name of a layer above");
    }
    if (!found->second.index) {
        value.fail("layer " + in_quotes(reader) + " reads a layer that stands below it, at line " +
                       std::to_string(found->second.location.line),
                   "the name of a layer above");
    }
    return *found->second.index;
}

LayerIndex Reader::operand(const YamlValue& value, const std::string& reader) const {
    const std::optional<YamlValue> from = value.find("from");
    return from ? find_operand(*from, reader) : static_cast<LayerIndex>(builder_.size() - 1);
}

std::vector<LayerIndex> Reader::operands(const YamlValue& value, const std::string& reader,
                                         const std::string& what) const {
    std::vector<LayerIndex> result;
    for (const YamlValue& item : value.require(what, "from").items("from of " + what)) {
        result.push_back(find_operand(item, reader));
    }
    return result;
}

Window Reader::window(const YamlValue& value, const std::string& what, const Shape& input,
                      bool stride_is_required) const {
    Window result;
    std::tie(result.kernel_height, result.kernel_width) = extents(value.require(what, "kernel"), "kernel of " + what);
    const std::optional<YamlValue> stride = value.find("stride");
    if (stride || stride_is_required) {
        std::tie(result.stride_height, result.stride_width) =
            extents(value.require(what, "stride"), "stride of " + what);
    }
    if (const std::optional<YamlValue> padding = value.find("padding")) {
        read_padding(*padding, "padding of " + what, input, true, result);
    }
    return result;
}

LayerIndex Reader::add_layer(const YamlValue& value) {
    const std::string name = value.require("a layer", "name").as_text("name of a layer");
    const std::string type_of = "layer " + in_quotes(name);
    const auto type = static_cast<Type>(value.require(type_of, "type").as_one_of("type of " + type_of, type_names));
    const std::string what = std::string(type_names[static_cast<std::size_t>(type)]) + ' ' + in_quotes(name);
    check_keys(value, what, type);

    const auto flag = [&](std::string_view key, bool otherwise) {
        const std::optional<YamlValue> found = value.find(key);
        return found ? found->as_boolean(std::string(key) + " of " + what) : otherwise;
    };
    const auto build = [&]() -> LayerIndex {
        switch (type) {
            case Type::conv: {
                const LayerIndex from = operand(value, name);
                const std::int32_t channels =
                    integer(value.require(what, "channels"), "channels of " + what, 1, maximum_channels);
                const std::optional<YamlValue> groups = value.find("groups");
                return builder_.add_convolution(name, from, channels, window(value, what, builder_.shape(from), false),
                                                groups ? integer(*groups, "groups of " + what, 1, maximum_channels) : 1,
                                                flag("bias", true));
            }
            case Type::batch_norm: {
                const LayerIndex from = operand(value, name);
                const std::optional<YamlValue> form = value.find("form");
                return builder_.add_batch_normalization(
                    name, from,
                    form ? static_cast<BatchNormalizationForm>(form->as_one_of("form of " + what, form_names))
                         : BatchNormalizationForm::automatic,
                    flag("foldable", true));
            }
            case Type::relu:
                return builder_.add_activation(name, operand(value, name), Activation::relu);
            case Type::square:
                return builder_.add_activation(name, operand(value, name), Activation::square);
            case Type::identity:
                return builder_.add_activation(name, operand(value, name), Activation::identity);
            case Type::max_pool:
            case Type::average_pool: {
                const LayerIndex from = operand(value, name);
                return builder_.add_pool(name, from,
                                         type == Type::max_pool ? LayerKind::max_pool : LayerKind::average_pool,
                                         window(value, what, builder_.shape(from), true));
            }
            case Type::global_max_pool:
                return builder_.add_global_pool(name, operand(value, name), LayerKind::global_max_pool);
            case Type::global_average_pool:
                return builder_.add_global_pool(name, operand(value, name), LayerKind::global_average_pool);
            case Type::fully_connected: {
                const LayerIndex from = operand(value, name);
                return builder_.add_fully_connected(
                    name, from, integer(value.require(what, "features"), "features of " + what, 1, maximum_channels),
                    flag("bias", true));
            }
            case Type::add:
                return builder_.add_add(name, operands(value, name, what));
            case Type::concat:
                return builder_.add_concat(name, operands(value, name, what));
            case Type::flatten:
                return builder_.add_flatten(name, operand(value, name));
            case Type::pad: {
                const LayerIndex from = operand(value, name);
                Window pads;
                read_padding(value.require(what, "padding"), "padding of " + what, builder_.shape(from), false, pads);
                return builder_.add_pad(name, from, pads);
            }
        }
        value.fail("unknown type");
    };
    const LayerIndex index = located(build);
    names_.at(name).index = index;
    return index;
}

}  // namespace

Network parse_network(const std::string& text, const std::string& file_name) {
    return Reader().read(input::parse_yaml(text, file_name));
}

Network read_network_file(const std::string& path) {
    return Reader().read(input::read_yaml_file(path));
}

}  // namespace sotto::arch
