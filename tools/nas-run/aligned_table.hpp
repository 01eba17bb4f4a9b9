// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace sotto::tools {

/// Rows of equally many fields as lines of text, each field flush right in its column, two blanks between columns.
std::string aligned_table(const std::vector<std::vector<std::string>>& rows);

/// `digits` behind the point; `-` for what is not known.
std::string fixed(double value, int digits);

/// Six significant digits; `-` for what is not known.
std::string significant(double value);

}  // namespace sotto::tools
