// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace sotto::input {

/// Bytes of the character that `text` begins with: well-formed UTF-8 (RFC 3629: shortest form, no surrogates, up to
/// U+10FFFF) and no control character (C0, DEL, C1) but tab, line feed and carriage return. 0 for anything else and for
/// an empty text. A text of such characters alone can be shown on a terminal and written as JSON.
std::size_t plain_character_bytes(std::string_view text) noexcept;

}  // namespace sotto::input
