// SPDX-License-Identifier: Apache-2.0
#include "search/space/layer_compiler.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "engine/arch/network_builder.hpp"
#include "search/space/layer_attributes.hpp"

namespace sotto::search::language {
namespace {

using input::InputError;

class LayerCompiler {
  public:
    LayerCompiler(ProgramWriter& writer, Names& names, Scope& scope, const PartTemplate& part)
        : writer_(writer), names_(names), scope_(scope), part_(part) {}

    std::uint32_t compile(const std::string& layer_name, const std::vector<std::uint32_t>& inputs) {
        LayerDescription layer;
        layer.name = layer_name;
        layer.location = part_.location;
        if (layer_name.size() > arch::maximum_name_length) {
            throw InputError({part_.location,
                              "the name of a layer grows too long",
                              quoted(layer_name.substr(0, 64)),
                              "at most " + std::to_string(arch::maximum_name_length) + " characters",
                              {}});
        }
        read_type(layer);
        check_presence();
        check_inputs(inputs);
        read_window(layer);
        for (const std::string_view name : {"channels", "features"}) {
            if (find(name) != nullptr) {
                layer.channels = number(name, 1, arch::maximum_channels);
            }
        }
        if (find("groups") != nullptr) {
            layer.groups = number("groups", 1, arch::maximum_channels);
        }
        read_flag("bias", layer.bias);
        read_flag("foldable", layer.foldable);
        if (find("form") != nullptr) {
            layer.form = word("form", std::span(known_words).subspan(first_normalization_word, 3));
        }
        layer.first_operand = static_cast<std::uint32_t>(writer_.program.operand_slots.size());
        layer.operands = static_cast<std::uint32_t>(inputs.size());
        writer_.program.operand_slots.insert(writer_.program.operand_slots.end(), inputs.begin(), inputs.end());
        const std::uint32_t output = writer_.new_slot(layer_name);
        writer_.add_layer(std::move(layer), output);
        return output;
    }

  private:
    const AttributeTemplate* find(std::string_view name) const {
        const auto found = part_.attributes.find(std::string(name));
        return found == part_.attributes.end() ? nullptr : &found->second;
    }

    Value number(std::string_view name, std::int64_t least, std::int64_t most, std::size_t which = 0) {
        const AttributeTemplate& attribute = *find(name);
        return writer_.store_within(names_.compile(scope_, attribute.values[which]), ValueType::number,
                                    attribute.values[which].location, name, least, most);
    }

    void read_flag(std::string_view name, Value& value) {
        if (const AttributeTemplate* const attribute = find(name)) {
            const CompiledExpression compiled = names_.compile(scope_, attribute->values[0]);
            expect_type(compiled, ValueType::boolean, attribute->location, name);
            value = writer_.store(compiled, attribute->location);
        }
    }

    // A word out of `allowed`, whatever the choices are.
    Value word(std::string_view name, std::span<const std::string_view> allowed) {
        const AttributeTemplate& attribute = *find(name);
        const CompiledExpression compiled = names_.compile(scope_, attribute.values[0]);
        check_words(compiled, attribute.location, name, allowed);
        return writer_.store(compiled, attribute.location);
    }

    void check_words(const CompiledExpression& compiled, const input::SourceLocation& location, std::string_view name,
                     std::span<const std::string_view> allowed) const {
        expect_type(compiled, ValueType::word, location, name);
        if (!compiled.set.listed) {
            throw InputError(
                {location, std::string(name) + " is not known well enough", {}, input::list_names(allowed), {}});
        }
        for (const std::int64_t value : compiled.set.values) {
            const std::string& text = writer_.program.words[static_cast<std::size_t>(value)];
            if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
                throw InputError({location, "unknown " + std::string(name), quoted(text), input::list_names(allowed),
                                  std::string(input::nearest_name(text, allowed))});
            }
        }
    }

    void read_type(LayerDescription& layer) {
        const CompiledExpression type = names_.compile(scope_, *part_.type);
        std::vector<std::string_view> type_names;
        type_names.reserve(layer_types.size());
        for (const LayerType& known : layer_types) {
            type_names.push_back(known.name);
        }
        check_words(type, part_.type->location, "layer type", type_names);
        for (const std::int64_t value : type.set.values) {
            kinds_.push_back(layer_types[static_cast<std::size_t>(value)]);
        }
        layer.kind = writer_.store(type, part_.type->location);
    }

    void check_presence() const {
        for (const LayerType& type : kinds_) {
            std::vector<std::string_view> known;
            for (const Attribute& attribute : attributes) {
                const Presence needed = presence(type, attribute.name);
                if (needed != Presence::unknown) {
                    known.push_back(attribute.name);
                }
                if (needed == Presence::required && find(attribute.name) == nullptr) {
                    throw InputError({part_.location,
                                      "a layer of type " + quoted(type.name) + " lacks a key",
                                      {},
                                      quoted(attribute.name),
                                      {}});
                }
            }
            for (const auto& [name, attribute] : part_.attributes) {
                if (std::find(known.begin(), known.end(), name) == known.end()) {
                    throw InputError({attribute.location, "unknown key of a layer of type " + quoted(type.name),
                                      quoted(name), known.empty() ? "none" : input::list_names(known),
                                      std::string(input::nearest_name(name, known))});
                }
            }
        }
    }

    void check_inputs(const std::vector<std::uint32_t>& inputs) const {
        const bool several = joins(kinds_.front());
        for (const LayerType& type : kinds_) {
            if (joins(type) != several) {
                throw InputError({part_.type->location,
                                  "a layer's types differ in their inputs",
                                  quoted(kinds_.front().name) + " and " + quoted(type.name),
                                  "types that all join several inputs, or all read one",
                                  {}});
            }
        }
        if (several != (inputs.size() > 1)) {
            throw InputError({part_.location,
                              "a layer of type " + quoted(kinds_.front().name) + " has the wrong number of inputs",
                              std::to_string(inputs.size()),
                              several ? "at least 2 under 'from'" : "1",
                              {}});
        }
    }

    void read_window(LayerDescription& layer) {
        const auto read_pair = [&](std::string_view name, std::array<Value, 2>& pair) {
            if (const AttributeTemplate* const attribute = find(name)) {
                for (std::size_t i = 0; i < 2; ++i) {
                    pair[i] = number(name, 1, arch::maximum_extent, std::min(i, attribute->values.size() - 1));
                }
            }
        };
        read_pair("kernel", layer.kernel);
        read_pair("stride", layer.stride);
        const AttributeTemplate* const padding = find("padding");
        if (padding == nullptr) {
            return;
        }
        if (padding->values.size() == 4) {
            layer.padding_form = PaddingForm::sides;
            for (std::size_t i = 0; i < 4; ++i) {
                layer.padding[i] = number("padding", 0, arch::maximum_extent, i);
            }
            return;
        }
        const CompiledExpression compiled = names_.compile(scope_, padding->values[0]);
        if (compiled.type != ValueType::word) {
            layer.padding_form = PaddingForm::uniform;
            layer.padding[0] = writer_.store_within(compiled, ValueType::number, padding->location, "padding", 0,
                                                    arch::maximum_extent);
            return;
        }
        layer.padding_form = PaddingForm::word;
        check_words(compiled, padding->location, "padding",
                    std::span(known_words).subspan(static_cast<std::size_t>(same_word), 2));
        if (std::any_of(kinds_.begin(), kinds_.end(),
                        [](const LayerType& type) { return type.kind == arch::LayerKind::pad; })) {
            throw InputError({padding->location,
                              "a pad layer has no window",
                              quoted(padding->values[0].text),
                              "one number or [top, bottom, left, right]",
                              {}});
        }
        layer.padding[0] = writer_.store(compiled, padding->location);
    }

    ProgramWriter& writer_;
    Names& names_;
    Scope& scope_;
    const PartTemplate& part_;
    std::vector<LayerType> kinds_;
};

}  // namespace

std::uint32_t compile_layer(ProgramWriter& writer, Names& names, Scope& scope, const PartTemplate& part,
                            const std::string& layer_name, const std::vector<std::uint32_t>& inputs) {
    return LayerCompiler(writer, names, scope, part).compile(layer_name, inputs);
}

}  // namespace sotto::search::language
