// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace sotto::tools {

/// How the numbers of one column are written so that they can be compared at a glance: all with equally many decimals,
/// as many as the smallest needs for four digits, and a comma between thousands.
class NumberColumn {
  public:
    /// Values that are not finite are passed over.
    explicit NumberColumn(std::span<const double> values);

    /// Empty for what is not known.
    std::string text(double value) const;

  private:
    int decimals_ = 0;
    bool is_wide_ = false;  // no number of decimals suits all: each has four digits and an exponent
};

/// `1,235,496`
std::string grouped(std::uint64_t value);

}  // namespace sotto::tools
