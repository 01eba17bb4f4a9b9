// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace sotto::pytorch {

/// The bytes as they may stand between the quotes of a Python string, on one line: printable ASCII as it is, but for
/// `"` and `\`, which are escaped as every other character of UTF-8 is (`\n` as `\x0a`). A byte that is not UTF-8
/// becomes the replacement character. What would be longer than about 60 columns is cut and ends in `...`.
std::string docstring_text(std::string_view bytes);

}  // namespace sotto::pytorch
