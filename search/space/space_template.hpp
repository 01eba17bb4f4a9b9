// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/input/yaml_document.hpp"
#include "search/space/expression.hpp"

namespace sotto::search::language {

// What a space's YAML says, checked for keys and types, names not yet resolved and blocks not yet expanded.

/// One alternative of a choice, or another constant: a number, a word, or true or false.
struct Literal {
    enum class Type : std::uint8_t { number, word, boolean };
    Type type = Type::number;
    std::int64_t number = 0;
    std::string text;
    input::SourceLocation location;
};

struct Alternative {
    Literal literal;
    std::optional<Expression> when;
};

struct ChoiceTemplate {
    std::string name;
    input::SourceLocation location;
    std::vector<Alternative> alternatives;  ///< empty where `same_as` stands
    std::optional<Expression> when;
    std::optional<Literal> otherwise;
    std::optional<Expression> same_as;  ///< a path
    std::optional<bool> ordered;
};

struct DefinitionTemplate {
    std::string name;
    input::SourceLocation location;
    Expression value;
};

struct RequirementTemplate {
    Expression condition;
    std::string because;
};

struct PartTemplate;

/// Choices, definitions, parts and requirements that share a scope: the space itself, a block, a group or a case.
struct BodyTemplate {
    std::vector<ChoiceTemplate> choices;
    std::vector<DefinitionTemplate> definitions;
    std::vector<RequirementTemplate> requirements;
    std::vector<PartTemplate> parts;
    std::optional<Expression> output;  ///< a path; the last part without it
    input::SourceLocation location;
};

/// An attribute of a layer: one value, or one per side or dimension.
struct AttributeTemplate {
    std::vector<Expression> values;
    input::SourceLocation location;
};

struct CaseTemplate {
    enum class Kind : std::uint8_t { body, pass, nothing };
    Literal label;
    Kind kind = Kind::body;
    BodyTemplate body;
};

struct BindingTemplate {
    std::string name;
    input::SourceLocation location;
    Expression value;
};

struct PartTemplate {
    enum class Kind : std::uint8_t { layer, block, group, select };

    Kind kind = Kind::layer;
    std::string name;  ///< empty where none was given
    input::SourceLocation location;
    input::SourceLocation name_location;
    std::optional<Expression> when;
    bool otherwise_nothing = false;  ///< skipped: stands for nothing instead of for its input
    std::optional<Expression> repeat;
    std::optional<std::int64_t> at_most;
    std::vector<Expression> inputs;  ///< paths; empty: what stands before the part

    std::optional<Expression> type;                       ///< layer
    std::map<std::string, AttributeTemplate> attributes;  ///< layer

    std::string block;  ///< block
    input::SourceLocation block_location;
    std::vector<BindingTemplate> bindings;

    BodyTemplate body;  ///< group

    std::optional<Expression> selector;  ///< select
    std::vector<CaseTemplate> cases;
    std::optional<CaseTemplate> otherwise_case;
};

struct ParameterTemplate {
    std::string name;
    std::optional<Expression> standard;  ///< its value where an instance gives none
};

struct BlockTemplate {
    std::string name;
    input::SourceLocation location;
    std::vector<ParameterTemplate> parameters;
    std::vector<std::string> inputs;
    BodyTemplate body;
};

struct SpaceTemplate {
    std::string name;
    input::SourceLocation location;
    input::SourceLocation input_location;
    std::array<Expression, 3> input_shape;  ///< channels, height, width
    std::map<std::string, BlockTemplate> blocks;
    BodyTemplate body;
    std::optional<input::YamlValue> baseline;
};

/// Reads the mapping of `space:`. Throws input::InputError.
SpaceTemplate read_space_template(const input::YamlValue& space);

}  // namespace sotto::search::language
