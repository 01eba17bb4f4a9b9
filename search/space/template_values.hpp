// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "engine/input/yaml_document.hpp"
#include "search/space/space_template.hpp"

namespace sotto::search::language {

// The smallest pieces of a space's YAML. Every function throws input::InputError.

/// One entry of `choices:`.
ChoiceTemplate read_choice(const input::YamlValue::Entry& entry);

/// A literal from a YAML scalar: `16`, `relu`, `true`.
Literal read_literal(const input::YamlValue& value, std::string_view what);

/// The name, where a choice, definition, part, block or parameter may have it.
std::string checked_name(const std::string& name, const input::SourceLocation& location, std::string_view what);

Expression read_expression(const input::YamlValue& value, std::string_view what);
Expression read_path(const input::YamlValue& value, std::string_view what);

/// `'text'`
std::string quoted(std::string_view text);

}  // namespace sotto::search::language
