// SPDX-License-Identifier: Apache-2.0
#include "search/space/template_values.hpp"

#include <array>
#include <set>
#include <utility>
#include <vector>

namespace sotto::search::language {

using input::InputError;
using input::SourceLocation;
using input::YamlValue;

namespace {

constexpr std::size_t maximum_alternatives = 4096;
constexpr std::int64_t largest_number = std::int64_t{1} << 40;

std::vector<Alternative> read_range(const YamlValue& choice, const std::string& what) {
    const std::int64_t from = choice.require(what, "from").as_integer("from", -largest_number, largest_number);
    const YamlValue to_value = choice.require(what, "to");
    const std::int64_t to = to_value.as_integer("to", -largest_number, largest_number);
    std::int64_t step = 1;
    if (const auto value = choice.find("step")) {
        step = value->as_integer("step", 1, largest_number);
    }
    if (to < from) {
        to_value.fail(what + " has an empty range", "at least " + std::to_string(from));
    }
    if (static_cast<std::uint64_t>(to - from) / static_cast<std::uint64_t>(step) >= maximum_alternatives) {
        to_value.fail(what + " has too many alternatives", "at most " + std::to_string(maximum_alternatives));
    }
    std::vector<Alternative> alternatives;
    for (std::int64_t number = from; number <= to; number += step) {
        alternatives.push_back(
            {{Literal::Type::number, number, std::to_string(number), to_value.location()}, std::nullopt});
    }
    return alternatives;
}

std::vector<Alternative> read_values(const YamlValue& values, const std::string& what) {
    std::vector<Alternative> alternatives;
    std::set<std::string> seen;
    for (const YamlValue& item : values.items("values of " + what)) {
        Alternative alternative;
        if (item.kind() == YamlValue::Kind::mapping) {
            static constexpr std::array<std::string_view, 2> known{"value", "when"};
            item.only_keys("alternative of " + what, known);
            alternative.literal = read_literal(item.require("alternative of " + what, "value"), "alternative");
            alternative.when = read_expression(item.require("alternative of " + what, "when"), "when");
        } else {
            alternative.literal = read_literal(item, "alternative of " + what);
        }
        if (!alternatives.empty() && alternatives.front().literal.type != alternative.literal.type) {
            item.fail(what + " mixes numbers and words",
                      "alternatives of one type, as '" + alternatives.front().literal.text + "' is");
        }
        if (!seen.insert(alternative.literal.text).second) {
            item.fail("an alternative of " + what + " stands twice", "each alternative once");
        }
        alternatives.push_back(std::move(alternative));
    }
    if (alternatives.empty()) {
        values.fail(what + " has no alternatives", "at least one");
    }
    if (alternatives.size() > maximum_alternatives) {
        values.fail(what + " has too many alternatives", "at most " + std::to_string(maximum_alternatives));
    }
    return alternatives;
}

}  // namespace

ChoiceTemplate read_choice(const YamlValue::Entry& entry) {
    ChoiceTemplate choice;
    choice.name = checked_name(entry.key, entry.key_location, "choice");
    choice.location = entry.key_location;
    const std::string what = "choice " + quoted(entry.key);
    if (entry.value.kind() == YamlValue::Kind::sequence) {
        choice.alternatives = read_values(entry.value, what);
        return choice;
    }
    if (entry.value.kind() != YamlValue::Kind::mapping) {
        entry.value.fail(what + " has the wrong type",
                         "a list of alternatives, or a mapping with 'values', 'from' and 'to', or 'same_as'");
    }
    static constexpr std::array<std::string_view, 8> known{"values", "from",      "to",      "step",
                                                           "when",   "otherwise", "same_as", "ordered"};
    entry.value.only_keys(what, known);
    const auto values = entry.value.find("values");
    const auto same_as = entry.value.find("same_as");
    const bool is_range = entry.value.find("from") || entry.value.find("to") || entry.value.find("step");
    if ((values ? 1 : 0) + (same_as ? 1 : 0) + (is_range ? 1 : 0) != 1) {
        entry.value.fail(what + " is not given in one way", "one of 'values', 'from' and 'to', or 'same_as'");
    }
    if (values) {
        choice.alternatives = read_values(*values, what);
    } else if (is_range) {
        choice.alternatives = read_range(entry.value, what);
    } else {
        choice.same_as = read_path(*same_as, "same_as");
    }
    if (const auto when = entry.value.find("when")) {
        choice.when = read_expression(*when, "when");
    }
    if (const auto otherwise = entry.value.find("otherwise")) {
        if (!choice.when) {
            otherwise->fail(what + " has 'otherwise' and is always there", "'when' beside it");
        }
        choice.otherwise = read_literal(*otherwise, "otherwise");
        if (!choice.alternatives.empty() && choice.otherwise->type != choice.alternatives.front().literal.type) {
            otherwise->fail(
                "'otherwise' of " + what + " has the wrong type",
                "the type of its alternatives, such as '" + choice.alternatives.front().literal.text + '\'');
        }
    }
    if (const auto ordered = entry.value.find("ordered")) {
        choice.ordered = ordered->as_boolean("ordered");
    }
    return choice;
}

Literal read_literal(const YamlValue& value, std::string_view what) {
    Literal literal;
    literal.text = value.as_text(what);
    literal.location = value.location();
    if (literal.text == "true" || literal.text == "false") {
        literal.type = Literal::Type::boolean;
        literal.number = literal.text == "true" ? 1 : 0;
        return literal;
    }
    const char first = literal.text.empty() ? '\0' : literal.text.front();
    if ((first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.') {
        literal.number = value.as_integer(what, -largest_number, largest_number);
        literal.text = std::to_string(literal.number);
        return literal;
    }
    literal.type = Literal::Type::word;
    if (!is_name(literal.text)) {
        value.fail(std::string(what) + " is neither a number nor a word",
                   "a whole number, or a word of letters, digits and '_'");
    }
    return literal;
}

std::string checked_name(const std::string& name, const SourceLocation& location, std::string_view what) {
    if (!is_name(name)) {
        throw InputError({location,
                          std::string(what) + " has no usable name",
                          quoted(name),
                          "a letter or '_', then letters, digits or '_' (at most 64)",
                          {}});
    }
    if (is_reserved_name(name)) {
        throw InputError(
            {location, std::string(what) + " takes a name of the language", quoted(name), "another name", {}});
    }
    return name;
}

Expression read_expression(const YamlValue& value, std::string_view what) {
    return parse_expression(value.as_text(what), value.location());
}

Expression read_path(const YamlValue& value, std::string_view what) {
    return parse_path(value.as_text(what), value.location());
}

std::string quoted(std::string_view text) {
    return '\'' + std::string(text) + '\'';
}

}  // namespace sotto::search::language
