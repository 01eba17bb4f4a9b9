// SPDX-License-Identifier: Apache-2.0
#include "cost_models/model_file/json_fields.hpp"

#include <algorithm>
#include <utility>

namespace sotto::model_file {
namespace {

using input::InputError;
using nlohmann::json;

constexpr std::size_t deepest = 32;
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

// Builds a document from the parser's events. json::parse with a callback would look through the container again after
// each of its elements.
class DocumentBuilder : public nlohmann::json_sax<json> {
  public:
    DocumentBuilder(std::string_view text, const std::string& name, int first_line)
        : text_(text), name_(name), first_line_(first_line) {}

    json take() { return std::move(document_); }

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t&) override { return put(value); }
    bool string(string_t& value) override { return put(std::move(value)); }
    bool binary(binary_t&) override { return false; }  // JSON has none
    bool start_object(std::size_t) override { return open(json::object()); }
    bool start_array(std::size_t) override { return open(json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& value) override {
        const auto [member, is_new] = open_.back()->get_ref<json::object_t&>().try_emplace(value);
        if (!is_new) {
            throw InputError({{name_, 0, 0}, "a key stands twice", shown(value), "every key once", {}});
        }
        member_ = &member->second;
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const json::exception& error) override {
        if (dynamic_cast<const json::parse_error*>(&error) == nullptr) {
            throw InputError({{name_, 0, 0}, "has a number that no double holds", {}, "finite numbers", {}});
        }
        throw InputError({{name_, line_at(text_, position, first_line_), 0}, "is not valid JSON", {}, {}, {}});
    }

  private:
    // Where the next value goes. An array that is open does not grow before its last element is closed, so that
    // references to that one stay valid.
    json& place() {
        if (open_.empty()) {
            return document_;
        }
        if (open_.back()->is_object()) {
            return *member_;
        }
        return open_.back()->get_ref<json::array_t&>().emplace_back();
    }

    bool put(json value) {
        place() = std::move(value);
        return true;
    }

    bool open(json container) {
        if (open_.size() >= deepest) {
            throw InputError({{name_, 0, 0},
                              "nests too deep",
                              "more than " + std::to_string(deepest) + " levels",
                              "at most " + std::to_string(deepest),
                              {}});
        }
        json& value = place();
        value = std::move(container);
        open_.push_back(&value);
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    std::string_view text_;
    const std::string& name_;
    int first_line_;
    json document_;
    std::vector<json*> open_;  // from the document inwards
    json* member_ = nullptr;   // of the innermost object: the one whose key was read
};

}  // namespace

json parse_json(std::string_view text, const std::string& name, int first_line) {
    DocumentBuilder builder(text, name, first_line);
    json::sax_parse(text, &builder);
    return builder.take();
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

std::vector<std::int64_t> JsonFields::integers(std::string_view key, std::size_t fewest, std::size_t most_count,
                                               std::int64_t least, std::int64_t most) const {
    const json& value = at(key);
    const bool is_good = value.is_array() && value.size() >= fewest && value.size() <= most_count &&
                         std::all_of(value.begin(), value.end(), [&](const json& item) {
                             return item.is_number_integer() && item.get<double>() >= static_cast<double>(least) &&
                                    item.get<double>() <= static_cast<double>(most);
                         });
    if (!is_good) {
        fail(key, {},
             "a list of " + std::to_string(fewest) + " to " + std::to_string(most_count) + " whole numbers " +
                 range_text(std::to_string(least), std::to_string(most)));
    }
    return value.get<std::vector<std::int64_t>>();
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
