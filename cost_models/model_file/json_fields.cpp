// SPDX-License-Identifier: Apache-2.0
#include "cost_models/model_file/json_fields.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace sotto::model_file {
namespace {

using input::InputError;
using nlohmann::json;

constexpr int deepest = 32;
constexpr std::size_t longest_shown = 60;

std::string shown(const json& value) {
    switch (value.type()) {
        case json::value_t::null:
            return "null";
        case json::value_t::object:
            return "an object";
        case json::value_t::array:
            return "a list of " + std::to_string(value.size());
        default:
            break;
    }
    std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
    if (text.size() > longest_shown) {
        text.resize(longest_shown);
        text += "...";
    }
    return text;
}

// Counted for errors alone.
int line_at(std::string_view text, std::size_t byte, int first_line) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(byte, text.size()));
    return first_line + static_cast<int>(std::count(text.begin(), end, '\n'));
}

std::string range_text(const std::string& least, const std::string& most) {
    return "from " + least + " to " + most;
}

}  // namespace

json parse_json(std::string_view text, const std::string& name, int first_line) {
    std::vector<std::set<std::string>> keys;
    const auto check = [&](int depth, json::parse_event_t event, json& parsed) {
        const auto level = static_cast<std::size_t>(depth);
        switch (event) {
            case json::parse_event_t::object_start:
            case json::parse_event_t::array_start:
                if (depth >= deepest) {
                    throw InputError({{name, 0, 0},
                                      "nests too deep",
                                      "more than " + std::to_string(deepest) + " levels",
                                      "at most " + std::to_string(deepest),
                                      {}});
                }
                keys.resize(level + 2);
                keys[level + 1].clear();
                break;
            case json::parse_event_t::key:
                if (!keys[level].insert(parsed.get_ref<const std::string&>()).second) {
                    throw InputError({{name, 0, 0}, "a key stands twice", shown(parsed), "every key once", {}});
                }
                break;
            default:
                break;
        }
        return true;
    };
    try {
        return json::parse(text, check);
    } catch (const json::parse_error& error) {
        throw InputError({{name, line_at(text, error.byte, first_line), 0}, "is not valid JSON", {}, {}, {}});
    } catch (const json::exception&) {
        throw InputError({{name, 0, 0}, "has a number that no double holds", {}, "finite numbers", {}});
    }
}

JsonFields::JsonFields(const json& object, std::string name, std::string path)
    : object_(&object), name_(std::move(name)), path_(std::move(path)) {
    if (!object.is_object()) {
        throw InputError({{name_, 0, 0}, path_.empty() ? "header" : path_, shown(object), "an object", {}});
    }
}

void JsonFields::require_keys(std::span<const std::string_view> known) const {
    for (const auto& [key, value] : object_->items()) {
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            throw InputError({{name_, 0, 0},
                              path_.empty() ? "unknown key" : path_ + ": unknown key",
                              shown(key),
                              input::list_names(known),
                              std::string(input::nearest_name(key, known))});
        }
    }
    for (const std::string_view key : known) {
        static_cast<void>(at(key));
    }
}

const json& JsonFields::at(std::string_view key) const {
    const auto found = object_->find(key);
    if (found == object_->end()) {
        throw InputError({{name_, 0, 0},
                          path_.empty() ? "a key is missing" : path_ + ": a key is missing",
                          {},
                          '\'' + std::string(key) + '\'',
                          {}});
    }
    return *found;
}

std::string JsonFields::text(std::string_view key) const {
    const json& value = at(key);
    if (!value.is_string()) {
        fail(key, {}, "a text");
    }
    return value.get<std::string>();
}

std::string JsonFields::one_of(std::string_view key, std::span<const std::string_view> names) const {
    std::string value = text(key);
    if (std::find(names.begin(), names.end(), value) == names.end()) {
        fail(key, {}, input::list_names(names), std::string(input::nearest_name(value, names)));
    }
    return value;
}

std::int64_t JsonFields::integer(std::string_view key, std::int64_t least, std::int64_t most) const {
    const json& value = at(key);
    const bool fits = value.is_number_unsigned() ? std::in_range<std::int64_t>(value.get<std::uint64_t>())
                                                 : value.is_number_integer();
    if (!fits || value.get<std::int64_t>() < least || value.get<std::int64_t>() > most) {
        fail(key, {}, "a whole number " + range_text(std::to_string(least), std::to_string(most)));
    }
    return value.get<std::int64_t>();
}

double JsonFields::number(std::string_view key, double least, double most) const {
    const json& value = at(key);
    if (!value.is_number() || !(value.get<double>() >= least && value.get<double>() <= most)) {
        fail(key, {}, "a number " + range_text(json(least).dump(), json(most).dump()));
    }
    return value.get<double>();
}

JsonFields JsonFields::object(std::string_view key) const {
    return {at(key), name_, path_of(key)};
}

std::vector<JsonFields> JsonFields::objects(std::string_view key) const {
    const json& value = at(key);
    if (!value.is_array()) {
        fail(key, {}, "a list of objects");
    }
    std::vector<JsonFields> result;
    result.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
        result.emplace_back(value[i], name_, path_of(key) + '[' + std::to_string(i) + ']');
    }
    return result;
}

std::vector<std::string> JsonFields::texts(std::string_view key) const {
    const json& value = at(key);
    const bool is_good = value.is_array() && std::all_of(value.begin(), value.end(), [](const json& item) {
                             return item.is_string() && !item.get_ref<const std::string&>().empty();
                         });
    if (!is_good) {
        fail(key, {}, "a list of texts");
    }
    return value.get<std::vector<std::string>>();
}

std::vector<double> JsonFields::numbers(std::string_view key, std::size_t count, double least, double most) const {
    const json& value = at(key);
    const bool is_good =
        value.is_array() && value.size() == count && std::all_of(value.begin(), value.end(), [&](const json& item) {
            return item.is_number() && item.get<double>() >= least && item.get<double>() <= most;
        });
    if (!is_good) {
        fail(key, {},
             "a list of " + std::to_string(count) + " numbers " + range_text(json(least).dump(), json(most).dump()));
    }
    return value.get<std::vector<double>>();
}

void JsonFields::fail(std::string_view key, const std::string& problem, const std::string& expected,
                      const std::string& nearest) const {
    std::string where = path_of(key);
    if (!problem.empty()) {
        where += (where.empty() ? "" : ": ") + problem;
    }
    throw InputError({{name_, 0, 0}, where, shown(key.empty() ? *object_ : at(key)), expected, nearest});
}

std::string JsonFields::path_of(std::string_view key) const {
    if (key.empty()) {
        return path_;
    }
    return path_.empty() ? std::string(key) : path_ + '.' + std::string(key);
}

}  // namespace sotto::model_file
