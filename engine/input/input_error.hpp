// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sotto::input {

/// A place in a file that a person wrote. Lines and columns count from 1; 0 means "not known".
struct SourceLocation {
    std::string file;
    int line = 0;
    int column = 0;
};

/// What a wrong input is answered with: where, what was found, what was expected, and the nearest valid name.
/// Programs print `what()` and end with exit code 2.
///
/// `what()` reads `FILE:LINE:COLUMN: PROBLEM: found FOUND, expected EXPECTED; did you mean 'NEAREST'?`, each part left
/// out where it is empty, FOUND cut after 240 bytes.
class InputError : public std::runtime_error {
  public:
    struct Parts {
        SourceLocation location;
        std::string problem;
        std::string found;
        std::string expected;
        std::string nearest;
    };

    explicit InputError(Parts parts);

    const Parts& parts() const noexcept { return parts_; }

  private:
    Parts parts_;
};

/// The candidate nearest to `name` by edit distance (insert, delete, replace, swap of neighbours), or an empty view
/// where none is near enough to be a likely slip (more than a third of the longer name, and more than 1, differs).
/// Names over 256 bytes are not compared.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates);

/// `a, b or c`, each in single quotes.
std::string list_names(std::span<const std::string_view> names);

}  // namespace sotto::input
