// SPDX-License-Identifier: Apache-2.0
#include "engine/input/yaml_document.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/parser.h>
#include <yaml-cpp/yaml.h>

namespace sotto::input {
namespace {

constexpr int maximum_depth = 64;
constexpr std::size_t maximum_file_bytes = std::size_t{16} << 20U;

SourceLocation location_of(const std::string& file, const YAML::Mark& mark) {
    return {file, mark.line + 1, mark.column + 1};
}

// Walks the events before any node is built, so that depth, aliases and documents are bounded before memory is spent on
// them. yaml-cpp finds no end of documents in some malformed texts.
class Guard final : public YAML::EventHandler {
  public:
    explicit Guard(const std::string& file) : file_(file) {}

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ > 1) {
            throw InputError({location_of(file_, mark), "more than one YAML document", {}, "one", {}});
        }
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        throw InputError(
            {location_of(file_, mark), "aliases are not supported", "an alias (*name)", "the value itself", {}});
    }
    void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  const std::string& /*value*/) override {}
    void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                         YAML::EmitterStyle::value /*style*/) override {
        enter(mark);
    }
    void OnSequenceEnd() override { --depth_; }
    void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                    YAML::EmitterStyle::value /*style*/) override {
        enter(mark);
    }
    void OnMapEnd() override { --depth_; }

  private:
    void enter(const YAML::Mark& mark) {
        if (++depth_ > maximum_depth) {
            throw InputError({location_of(file_, mark),
                              "nested too deeply",
                              std::to_string(depth_) + " levels",
                              "at most " + std::to_string(maximum_depth),
                              {}});
        }
    }

    const std::string& file_;
    int depth_ = 0;
    int documents_ = 0;
};

// yaml-cpp's own scanner recurses on flow brackets, so their depth is bounded on the raw text first.
void check_bracket_depth(const std::string& text, const std::string& file) {
    int depth = 0;
    int line = 1;
    for (const char c : text) {
        if (c == '\n') {
            ++line;
        } else if (c == '[' || c == '{') {
            if (++depth > 4 * maximum_depth) {
                throw InputError({{file, line, 0},
                                  "nested too deeply",
                                  {},
                                  "at most " + std::to_string(maximum_depth) + " levels",
                                  {}});
            }
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
}

std::string quoted(const std::string& text) {
    constexpr std::size_t longest = 60;
    return '\'' + (text.size() > longest ? text.substr(0, longest) + "..." : text) + '\'';
}

std::string number_text(double value) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    return {buffer, end};
}

std::string range_text(const std::string& noun, const std::string& least, const std::string& most) {
    return noun + " from " + least + " to " + most;
}

// A number in quotes is a text.
void require_unquoted(const YamlValue& value, const YAML::Node& node, std::string_view what,
                      const std::string& expected) {
    const std::string problem = std::string(what) + " has the wrong type";
    if (value.kind() != YamlValue::Kind::scalar) {
        value.fail(problem, expected);
    }
    if (node.Tag() == "!") {
        const std::string found = '"' + node.Scalar() + "\", a text because of its quotes";
        throw InputError({value.location(), problem, found, expected, {}});
    }
}

}  // namespace

YamlValue::YamlValue(std::shared_ptr<const std::string> file, const YAML::Node& node)
    : file_(std::move(file)), node_(std::make_shared<const YAML::Node>(node)) {}

YamlValue::Kind YamlValue::kind() const {
    switch (node_->Type()) {
        case YAML::NodeType::Scalar:
            return Kind::scalar;
        case YAML::NodeType::Sequence:
            return Kind::sequence;
        case YAML::NodeType::Map:
            return Kind::mapping;
        default:
            return Kind::null;
    }
}

SourceLocation YamlValue::location() const {
    return location_of(*file_, node_->Mark());
}

std::string YamlValue::describe() const {
    switch (kind()) {
        case Kind::scalar:
            return quoted(node_->Scalar());
        case Kind::sequence:
            return "a list of " + std::to_string(node_->size());
        case Kind::mapping:
            return "a mapping";
        default:
            return "nothing";
    }
}

void YamlValue::fail(std::string problem, std::string expected, std::string nearest) const {
    throw InputError({location(), std::move(problem), describe(), std::move(expected), std::move(nearest)});
}

std::string YamlValue::as_text(std::string_view what) const {
    if (kind() != Kind::scalar) {
        fail(std::string(what) + " has the wrong type", "text");
    }
    return node_->Scalar();
}

bool YamlValue::as_boolean(std::string_view what) const {
    if (kind() == Kind::scalar) {
        if (node_->Scalar() == "true") {
            return true;
        }
        if (node_->Scalar() == "false") {
            return false;
        }
    }
    fail(std::string(what) + " has the wrong type", "true or false");
}

std::int64_t YamlValue::as_integer(std::string_view what, std::int64_t least, std::int64_t most) const {
    const std::string expected = range_text("a whole number", std::to_string(least), std::to_string(most));
    require_unquoted(*this, *node_, what, expected);
    const std::string& text = node_->Scalar();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) {
        fail(std::string(what) + " is out of range", expected);
    }
    if (error != std::errc{} || end != text.data() + text.size()) {
        fail(std::string(what) + " has the wrong type", expected);
    }
    if (value < least || value > most) {
        fail(std::string(what) + " is out of range", expected);
    }
    return value;
}

double YamlValue::as_number(std::string_view what, double least, double most) const {
    const std::string expected = range_text("a number", number_text(least), number_text(most));
    require_unquoted(*this, *node_, what, expected);
    const std::string& text = node_->Scalar();
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) {
        fail(std::string(what) + " is out of range", expected);
    }
    if (error != std::errc{} || end != text.data() + text.size() || std::isnan(value)) {
        fail(std::string(what) + " has the wrong type", expected);
    }
    if (value < least || value > most) {
        fail(std::string(what) + " is out of range", expected);
    }
    return value;
}

std::size_t YamlValue::as_one_of(std::string_view what, std::span<const std::string_view> names) const {
    if (kind() != Kind::scalar) {
        fail(std::string(what) + " has the wrong type", list_names(names));
    }
    const std::string& text = node_->Scalar();
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == text) {
            return i;
        }
    }
    fail("unknown " + std::string(what), list_names(names), std::string(nearest_name(text, names)));
}

std::vector<YamlValue> YamlValue::items(std::string_view what) const {
    if (kind() != Kind::sequence) {
        fail(std::string(what) + " has the wrong type", "a list");
    }
    std::vector<YamlValue> result;
    result.reserve(node_->size());
    for (const YAML::Node& item : *node_) {
        result.push_back(YamlValue(file_, item));
    }
    return result;
}

std::vector<YamlValue::Entry> YamlValue::entries(std::string_view what) const {
    if (kind() != Kind::mapping) {
        fail(std::string(what) + " has the wrong type", "a mapping");
    }
    std::vector<Entry> result;
    result.reserve(node_->size());
    std::set<std::string> seen;
    for (const auto& pair : *node_) {
        const SourceLocation place = location_of(*file_, pair.first.Mark());
        if (!pair.first.IsScalar()) {
            throw InputError({place, "a key of " + std::string(what) + " has the wrong type", {}, "a name", {}});
        }
        const std::string& key = pair.first.Scalar();
        if (!seen.insert(key).second) {
            throw InputError(
                {place, "a key of " + std::string(what) + " stands twice", quoted(key), "each key once", {}});
        }
        result.push_back({key, place, YamlValue(file_, pair.second)});
    }
    return result;
}

void YamlValue::only_keys(std::string_view what, std::span<const std::string_view> known) const {
    for (const Entry& entry : entries(what)) {
        bool is_known = false;
        for (const std::string_view name : known) {
            is_known = is_known || name == entry.key;
        }
        if (!is_known) {
            throw InputError({entry.key_location, "unknown key of " + std::string(what), quoted(entry.key),
                              list_names(known), std::string(nearest_name(entry.key, known))});
        }
    }
}

std::optional<YamlValue> YamlValue::find(std::string_view key) const {
    if (kind() != Kind::mapping) {
        return std::nullopt;
    }
    for (const auto& pair : *node_) {
        if (pair.first.IsScalar() && pair.first.Scalar() == key) {
            return YamlValue(file_, pair.second);
        }
    }
    return std::nullopt;
}

YamlValue YamlValue::require(std::string_view what, std::string_view key) const {
    if (kind() != Kind::mapping) {
        fail(std::string(what) + " has the wrong type", "a mapping");
    }
    if (auto value = find(key)) {
        return *value;
    }
    throw InputError({location(), std::string(what) + " lacks a key", {}, '\'' + std::string(key) + '\'', {}});
}

YamlValue parse_yaml(const std::string& text, const std::string& file_name) {
    auto file = std::make_shared<const std::string>(file_name);
    check_bracket_depth(text, file_name);
    try {
        {
            std::istringstream stream(text);
            YAML::Parser parser(stream);
            Guard guard(*file);
            while (parser.HandleNextDocument(guard)) {
            }
        }
        return {file, YAML::Load(text)};
    } catch (const YAML::Exception& error) {
        throw InputError({location_of(*file, error.mark), "not valid YAML: " + error.msg, {}, {}, {}});
    }
}

std::string to_yaml(const YamlValue& value) {
    return YAML::Dump(*value.node_);
}

std::string to_yaml_scalar(std::string_view text) {
    YAML::Emitter emitter;
    const bool breaks = text.find_first_of("\n\r\t") != std::string_view::npos;
    if (breaks) {
        emitter << YAML::DoubleQuoted;
    }
    emitter << std::string(text);
    return emitter.c_str();
}

YamlValue read_yaml_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        throw InputError(
            {{path, 0, 0}, "cannot be read: " + std::string(std::strerror(errno)), {}, "a readable YAML file", {}});
    }
    std::string text(maximum_file_bytes + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad()) {
        throw InputError({{path, 0, 0}, "cannot be read", {}, "a readable YAML file", {}});
    }
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > maximum_file_bytes) {
        throw InputError({{path, 0, 0}, "file is too large", {}, "at most 16 MiB", {}});
    }
    return parse_yaml(text, path);
}

}  // namespace sotto::input
