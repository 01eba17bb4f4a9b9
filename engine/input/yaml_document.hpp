// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/input/input_error.hpp"

namespace YAML {
class Node;
}

namespace sotto::input {

/// A YAML value that knows the file and line it stands on, so that every wrong type, key or range is answered with its
/// place. Cheap to copy; shares the parsed document. Every accessor throws InputError. Not thread-safe.
class YamlValue {
  public:
    enum class Kind { null, scalar, sequence, mapping };

    Kind kind() const;
    SourceLocation location() const;

    /// How the value reads in an error: `scalar '3x3'`, `a list of 2`, `a mapping`, `nothing`.
    std::string describe() const;

    // Scalars. `what` names the value in the error ("stride").
    std::string as_text(std::string_view what) const;
    bool as_boolean(std::string_view what) const;
    std::int64_t as_integer(std::string_view what, std::int64_t least, std::int64_t most) const;
    double as_number(std::string_view what, double least, double most) const;
    /// One of `names`; the error lists them and names the nearest.
    std::size_t as_one_of(std::string_view what, std::span<const std::string_view> names) const;

    // Sequences.
    std::vector<YamlValue> items(std::string_view what) const;

    // Mappings, in the order of the file. A key that stands twice is an error.
    struct Entry;
    std::vector<Entry> entries(std::string_view what) const;
    /// Throws for any key that is not in `known`, naming the nearest known one.
    void only_keys(std::string_view what, std::span<const std::string_view> known) const;
    std::optional<YamlValue> find(std::string_view key) const;
    /// Like find, but a missing key is an error.
    YamlValue require(std::string_view what, std::string_view key) const;

    [[noreturn]] void fail(std::string problem, std::string expected = {}, std::string nearest = {}) const;

  private:
    friend YamlValue parse_yaml(const std::string& text, const std::string& file_name);
    friend std::string to_yaml(const YamlValue& value);
    YamlValue(std::shared_ptr<const std::string> file, const YAML::Node& node);

    std::shared_ptr<const std::string> file_;
    std::shared_ptr<const YAML::Node> node_;
};

struct YamlValue::Entry {
    std::string key;
    SourceLocation key_location;
    YamlValue value;
};

/// Reads one YAML document. Throws InputError where the text is not YAML, holds several documents, nests deeper than 64
/// levels, or uses an alias (a cycle or an expansion attack could hide behind one).
YamlValue parse_yaml(const std::string& text, const std::string& file_name);

/// The same from a file of at most 16 MiB. A file that cannot be read is an InputError too.
YamlValue read_yaml_file(const std::string& path);

/// The value as YAML text, without comments, in the order of the file; ends without a line break. Reading it back gives
/// an equal value.
std::string to_yaml(const YamlValue& value);

/// Text as a YAML scalar on one line that as_text reads back unchanged; quoted where it has to be.
std::string to_yaml_scalar(std::string_view text);

}  // namespace sotto::input
