// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sotto::report {

/// Rows of text in columns as wide as their widest cell: the first `left` columns to the left, the others to the right.
class TextTable {
  public:
    TextTable(std::vector<std::string> header, std::size_t left);

    void add(std::vector<std::string> row);
    bool empty() const noexcept { return rows_.size() == 1; }
    std::string text() const;

  private:
    std::vector<std::vector<std::string>> rows_;
    std::size_t left_;
};

/// A number with `decimals`; `-` where it is NaN.
std::string fixed(double value, int decimals);
/// The same with its sign.
std::string with_sign(double value, int decimals);

}  // namespace sotto::report
