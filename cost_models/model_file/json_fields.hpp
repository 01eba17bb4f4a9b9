// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/input/input_error.hpp"

namespace sotto::model_file {

/// Reads JSON more strictly than the standard asks: an object with the same key twice, nesting deeper than 32 levels
/// and a number beyond the range of a double are input::InputErrors as well. `first_line`: of the text in the file
/// `name`. Time and memory grow with the text as its length does (times a logarithm of the keys of an object).
nlohmann::json parse_json(std::string_view text, const std::string& name, int first_line = 1);

/// An object whose members are read by name and checked; every accessor throws input::InputError with the file, the
/// path of the member (`data[0].rows`), found, expected and the nearest name. Refers to the JSON it is made of.
class JsonFields {
  public:
    /// `path`: of the object within the file; empty at the top. Refuses what is no object.
    JsonFields(const nlohmann::json& object, std::string name, std::string path);

    /// Every member must be one of `known`, and every one of `known` must be there.
    void require_keys(std::span<const std::string_view> known) const;

    const nlohmann::json& at(std::string_view key) const;
    std::string text(std::string_view key) const;
    std::string one_of(std::string_view key, std::span<const std::string_view> names) const;
    std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most) const;
    double number(std::string_view key, double least, double most) const;
    JsonFields object(std::string_view key) const;
    std::vector<JsonFields> objects(std::string_view key) const;
    std::vector<std::string> texts(std::string_view key) const;
    /// A list of numbers of the given length.
    std::vector<double> numbers(std::string_view key, std::size_t count, double least, double most) const;
    /// A list of `fewest` to `most_count` whole numbers.
    std::vector<std::int64_t> integers(std::string_view key, std::size_t fewest, std::size_t most_count,
                                       std::int64_t least, std::int64_t most) const;

    /// `problem` of the member `key`, or of the object where it is empty.
    [[noreturn]] void fail(std::string_view key, const std::string& problem, const std::string& expected,
                           const std::string& nearest = {}) const;

  private:
    std::string path_of(std::string_view key) const;

    const nlohmann::json* object_;
    std::string name_;
    std::string path_;
};

}  // namespace sotto::model_file
