// SPDX-License-Identifier: Apache-2.0
#include "search/space/space_template.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "search/space/layer_attributes.hpp"
#include "search/space/template_values.hpp"

namespace sotto::search::language {
namespace {

using input::InputError;
using input::SourceLocation;
using input::YamlValue;

Expression word_expression(const std::string& word, const SourceLocation& location) {
    Expression result;
    result.location = location;
    result.text = word;
    ExpressionNode node;
    node.op = Operator::word;
    node.word = word;
    result.nodes.push_back(std::move(node));
    return result;
}

// A word as it stands, or ${an expression}.
Expression read_word(const YamlValue& value, std::string_view what) {
    const std::string text = value.as_text(what);
    return is_marked_expression(text) ? parse_expression(text, value.location())
                                      : word_expression(text, value.location());
}

std::vector<ChoiceTemplate> read_choices(const YamlValue& mapping) {
    std::vector<ChoiceTemplate> choices;
    for (const YamlValue::Entry& entry : mapping.entries("choices")) {
        choices.push_back(read_choice(entry));
    }
    return choices;
}

std::vector<RequirementTemplate> read_requirements(const YamlValue& list) {
    std::vector<RequirementTemplate> requirements;
    for (const YamlValue& item : list.items("require")) {
        RequirementTemplate requirement;
        if (item.kind() == YamlValue::Kind::mapping) {
            static constexpr std::array<std::string_view, 2> known{"that", "because"};
            item.only_keys("requirement", known);
            requirement.condition = read_expression(item.require("requirement", "that"), "requirement");
            requirement.because = item.require("requirement", "because").as_text("because");
        } else {
            requirement.condition = read_expression(item, "requirement");
        }
        requirements.push_back(std::move(requirement));
    }
    return requirements;
}

std::vector<PartTemplate> read_parts(const YamlValue& list);

// The keys that any body shares; the caller has checked the keys.
BodyTemplate read_body(const YamlValue& mapping, std::string_view what) {
    BodyTemplate body;
    body.location = mapping.location();
    if (const auto choices = mapping.find("choices")) {
        body.choices = read_choices(*choices);
    }
    if (const auto definitions = mapping.find("define")) {
        for (const YamlValue::Entry& entry : definitions->entries("define")) {
            body.definitions.push_back({checked_name(entry.key, entry.key_location, "definition"), entry.key_location,
                                        read_expression(entry.value, "definition")});
        }
    }
    if (const auto requirements = mapping.find("require")) {
        body.requirements = read_requirements(*requirements);
    }
    body.parts = read_parts(mapping.require(what, "layers"));
    if (const auto output = mapping.find("output")) {
        body.output = read_path(*output, "output");
    }
    return body;
}

AttributeTemplate read_attribute(const YamlValue& value, const Attribute& attribute) {
    AttributeTemplate result;
    result.location = value.location();
    const auto read_list = [&](std::size_t count, std::string_view expected) {
        const std::vector<YamlValue> items = value.items(attribute.name);
        if (items.size() != count) {
            value.fail(std::string(attribute.name) + " has the wrong length", std::string(expected));
        }
        for (const YamlValue& item : items) {
            result.values.push_back(read_expression(item, attribute.name));
        }
    };
    const bool is_list = value.kind() == YamlValue::Kind::sequence;
    switch (attribute.form) {
        case AttributeForm::pair:
            if (is_list) {
                read_list(2, "one number or [height, width]");
                return result;
            }
            break;
        case AttributeForm::padding: {
            if (is_list) {
                read_list(4, "'same', 'valid', one number or [top, bottom, left, right]");
                return result;
            }
            const std::string text = value.as_text(attribute.name);
            if (text == "same" || text == "valid") {
                result.values.push_back(word_expression(text, value.location()));
                return result;
            }
            break;
        }
        case AttributeForm::word:
            result.values.push_back(read_word(value, attribute.name));
            return result;
        default:
            break;
    }
    result.values.push_back(read_expression(value, attribute.name));
    return result;
}

constexpr std::array<std::string_view, 6> common_keys{"name", "when", "otherwise", "repeat", "at_most", "from"};

std::vector<std::string_view> with_common_keys(std::initializer_list<std::string_view> keys) {
    std::vector<std::string_view> known(keys);
    known.insert(known.end(), common_keys.begin(), common_keys.end());
    return known;
}

// The layer kinds that the type can name, where that is known before names are resolved; none otherwise.
std::optional<LayerType> literal_type(const YamlValue& type) {
    const std::string text = type.as_text("type");
    if (is_marked_expression(text)) {
        return std::nullopt;
    }
    std::vector<std::string_view> names;
    names.reserve(layer_types.size());
    for (const LayerType& known : layer_types) {
        names.push_back(known.name);
    }
    return layer_types[type.as_one_of("layer type", names)];
}

void read_layer(const YamlValue& value, const YamlValue& type, PartTemplate& part) {
    part.kind = PartTemplate::Kind::layer;
    part.type = read_word(type, "type");
    const std::optional<LayerType> kind = literal_type(type);
    std::vector<std::string_view> known{"type"};
    for (const Attribute& attribute : attributes) {
        if (!kind || presence(*kind, attribute.name) != Presence::unknown) {
            known.push_back(attribute.name);
        }
    }
    known.insert(known.end(), common_keys.begin(), common_keys.end());
    value.only_keys(kind ? "a layer of type " + quoted(type.as_text("type")) : "a layer", known);
    for (const Attribute& attribute : attributes) {
        if (const auto found = value.find(attribute.name)) {
            part.attributes.emplace(attribute.name, read_attribute(*found, attribute));
        } else if (kind && presence(*kind, attribute.name) == Presence::required) {
            (void)value.require("a layer of type " + quoted(type.as_text("type")), attribute.name);
        }
    }
}

BodyTemplate read_case_body(const YamlValue& value) {
    if (value.kind() == YamlValue::Kind::sequence) {
        BodyTemplate body;
        body.location = value.location();
        body.parts = read_parts(value);
        return body;
    }
    static constexpr std::array<std::string_view, 5> known{"choices", "define", "require", "layers", "output"};
    value.only_keys("a case", known);
    return read_body(value, "a case");
}

CaseTemplate read_case(const YamlValue& value, Literal label) {
    CaseTemplate result;
    result.label = std::move(label);
    if (value.kind() == YamlValue::Kind::scalar) {
        static constexpr std::array<std::string_view, 2> words{"pass", "nothing"};
        result.kind = value.as_one_of("case", words) == 0 ? CaseTemplate::Kind::pass : CaseTemplate::Kind::nothing;
        result.body.location = value.location();
        return result;
    }
    if (value.kind() == YamlValue::Kind::null) {
        value.fail("a case is empty", "a list of layers, 'pass' or 'nothing'");
    }
    result.body = read_case_body(value);
    return result;
}

void read_select(const YamlValue& value, const YamlValue& selector, PartTemplate& part) {
    part.kind = PartTemplate::Kind::select;
    value.only_keys("a selection", with_common_keys({"select", "cases", "else"}));
    part.selector = read_expression(selector, "select");
    for (const YamlValue::Entry& entry : value.require("a selection", "cases").entries("cases")) {
        Literal label;
        label.text = entry.key;
        label.location = entry.key_location;
        const char* const end = entry.key.data() + entry.key.size();
        const auto [read_to, error] = std::from_chars(entry.key.data(), end, label.number);
        if (entry.key == "true" || entry.key == "false") {
            label.type = Literal::Type::boolean;
            label.number = entry.key == "true" ? 1 : 0;
        } else if (error != std::errc{} || read_to != end) {
            label.type = Literal::Type::word;
        }
        part.cases.push_back(read_case(entry.value, std::move(label)));
    }
    if (part.cases.empty()) {
        value.fail("a selection has no cases", "at least one");
    }
    if (const auto other = value.find("else")) {
        part.otherwise_case = read_case(*other, {});
    }
}

void read_block_part(const YamlValue& value, const YamlValue& block, PartTemplate& part) {
    part.kind = PartTemplate::Kind::block;
    value.only_keys("a part with a block", with_common_keys({"block", "with"}));
    part.block = block.as_text("block");
    part.block_location = block.location();
    if (const auto with = value.find("with")) {
        for (const YamlValue::Entry& entry : with->entries("with")) {
            part.bindings.push_back({entry.key, entry.key_location, read_expression(entry.value, entry.key)});
        }
    }
}

PartTemplate read_part(const YamlValue& value) {
    PartTemplate part;
    part.location = value.location();
    if (value.kind() != YamlValue::Kind::mapping) {
        value.fail("a part of 'layers' has the wrong type", "a mapping with 'type', 'block', 'layers' or 'select'");
    }
    const auto type = value.find("type");
    const auto block = value.find("block");
    const auto layers = value.find("layers");
    const auto select = value.find("select");
    if ((type ? 1 : 0) + (block ? 1 : 0) + (layers ? 1 : 0) + (select ? 1 : 0) != 1) {
        std::vector<std::string_view> known = with_common_keys({"type", "block", "layers", "select"});
        for (const YamlValue::Entry& entry : value.entries("a part")) {
            const std::string_view nearest = input::nearest_name(entry.key, known);
            if (!nearest.empty() && nearest != entry.key) {
                throw InputError({entry.key_location, "unknown key of a part", quoted(entry.key),
                                  "one of 'type', 'block', 'layers' or 'select'", std::string(nearest)});
            }
        }
        value.fail("a part is not given in one way", "one of 'type', 'block', 'layers' or 'select'");
    }
    if (type) {
        read_layer(value, *type, part);
    } else if (block) {
        read_block_part(value, *block, part);
    } else if (select) {
        read_select(value, *select, part);
    } else {
        part.kind = PartTemplate::Kind::group;
        value.only_keys("a group", with_common_keys({"layers", "choices", "define", "require", "output"}));
        part.body = read_body(value, "a group");
    }

    part.name_location = part.location;
    if (const auto name = value.find("name")) {
        part.name_location = name->location();
        part.name = checked_name(name->as_text("name"), name->location(), "part");
    }
    if (const auto when = value.find("when")) {
        part.when = read_expression(*when, "when");
    }
    if (const auto otherwise = value.find("otherwise")) {
        if (!part.when) {
            otherwise->fail("a part has 'otherwise' and is always there", "'when' beside it");
        }
        static constexpr std::array<std::string_view, 2> words{"pass", "nothing"};
        part.otherwise_nothing = otherwise->as_one_of("otherwise", words) == 1;
    }
    if (const auto repeat = value.find("repeat")) {
        part.repeat = read_expression(*repeat, "repeat");
    }
    if (const auto at_most = value.find("at_most")) {
        if (!part.repeat) {
            at_most->fail("a part has 'at_most' and is not repeated", "'repeat' beside it");
        }
        part.at_most = at_most->as_integer("at_most", 1, 4096);
    }
    if (const auto from = value.find("from")) {
        if (from->kind() != YamlValue::Kind::sequence) {
            part.inputs.push_back(read_path(*from, "from"));
            return part;
        }
        for (const YamlValue& item : from->items("from")) {
            part.inputs.push_back(read_path(item, "from"));
        }
        if (part.inputs.empty()) {
            from->fail("'from' is empty", "at least one name");
        }
    }
    return part;
}

std::vector<PartTemplate> read_parts(const YamlValue& list) {
    std::vector<PartTemplate> parts;
    for (const YamlValue& item : list.items("layers")) {
        parts.push_back(read_part(item));
    }
    if (parts.empty()) {
        list.fail("'layers' is empty", "at least one part");
    }
    return parts;
}

BlockTemplate read_block(const YamlValue::Entry& entry) {
    BlockTemplate block;
    block.name = checked_name(entry.key, entry.key_location, "block");
    block.location = entry.key_location;
    const std::string what = "block " + quoted(block.name);
    if (entry.value.kind() != YamlValue::Kind::mapping) {
        entry.value.fail(what + " has the wrong type", "a mapping with 'layers'");
    }
    static constexpr std::array<std::string_view, 7> known{"parameters", "inputs", "choices", "define",
                                                           "require",    "layers", "output"};
    entry.value.only_keys(what, known);
    std::set<std::string> names;
    const auto add_parameter = [&](std::string name, const SourceLocation& location,
                                   std::optional<Expression> standard) {
        checked_name(name, location, "parameter");
        if (!names.insert(name).second) {
            throw InputError(
                {location, "a parameter of " + what + " stands twice", quoted(name), "each parameter once", {}});
        }
        block.parameters.push_back({std::move(name), std::move(standard)});
    };
    if (const auto parameters = entry.value.find("parameters")) {
        if (parameters->kind() == YamlValue::Kind::mapping) {
            for (const YamlValue::Entry& parameter : parameters->entries("parameters")) {
                std::optional<Expression> standard;
                if (parameter.value.kind() != YamlValue::Kind::null) {
                    standard = read_expression(parameter.value, parameter.key);
                }
                add_parameter(parameter.key, parameter.key_location, std::move(standard));
            }
        } else {
            for (const YamlValue& parameter : parameters->items("parameters")) {
                add_parameter(parameter.as_text("parameter"), parameter.location(), std::nullopt);
            }
        }
    }
    block.inputs.emplace_back("input");
    if (const auto inputs = entry.value.find("inputs")) {
        block.inputs.clear();
        for (const YamlValue& item : inputs->items("inputs")) {
            std::string name = checked_name(item.as_text("input"), item.location(), "input");
            if (std::find(block.inputs.begin(), block.inputs.end(), name) != block.inputs.end()) {
                item.fail("an input of " + what + " stands twice", "each input once");
            }
            block.inputs.push_back(std::move(name));
        }
        if (block.inputs.empty()) {
            inputs->fail(what + " has no inputs", "at least one name");
        }
    }
    block.body = read_body(entry.value, what);
    return block;
}

void read_input_shape(const YamlValue& value, SpaceTemplate& space) {
    static constexpr std::array<std::string_view, 1> known{"shape"};
    value.only_keys("input", known);
    const YamlValue shape = value.require("input", "shape");
    space.input_location = shape.location();
    const std::vector<YamlValue> items = shape.items("shape of the input");
    if (items.size() != space.input_shape.size()) {
        shape.fail("shape of the input has the wrong length", "[channels, height, width]");
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        space.input_shape[i] = read_expression(items[i], "shape of the input");
    }
}

}  // namespace

SpaceTemplate read_space_template(const YamlValue& space) {
    if (space.kind() != YamlValue::Kind::mapping) {
        space.fail("'space' has the wrong type", "a mapping with 'input' and 'layers'");
    }
    static constexpr std::array<std::string_view, 9> known{"name",   "input",  "choices", "define",  "blocks",
                                                           "layers", "output", "require", "baseline"};
    space.only_keys("'space'", known);
    SpaceTemplate result;
    result.location = space.location();
    result.name = "network";
    if (const auto name = space.find("name")) {
        result.name = name->as_text("name");
        if (result.name.empty() || result.name.size() > 256) {
            name->fail("the name of the space is not usable", "1 to 256 characters");
        }
    }
    read_input_shape(space.require("'space'", "input"), result);
    if (const auto blocks = space.find("blocks")) {
        for (const YamlValue::Entry& entry : blocks->entries("blocks")) {
            result.blocks.emplace(entry.key, read_block(entry));
        }
    }
    result.body = read_body(space, "'space'");
    result.baseline = space.find("baseline");
    return result;
}

}  // namespace sotto::search::language
