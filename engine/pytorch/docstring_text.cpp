// SPDX-License-Identifier: Apache-2.0
#include "engine/pytorch/docstring_text.hpp"

#include <cstddef>
#include <cstdint>

namespace sotto::pytorch {
namespace {

constexpr std::size_t maximum_columns = 60;
constexpr std::uint32_t replacement_character = 0xfffd;

// Takes the first character off the bytes, which are not empty.
std::uint32_t take_character(std::string_view& bytes) {
    const auto first = static_cast<unsigned char>(bytes.front());
    const std::size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    std::uint32_t character = length < 2 ? first : first & (0xffU >> (length + 1));
    bool is_valid = length > 0 && first < 0xf5 && length <= bytes.size();
    for (std::size_t i = 1; is_valid && i < length; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        is_valid = (byte & 0xc0U) == 0x80;
        character = character << 6U | (byte & 0x3fU);
    }
    // Longer than need be, half of a pair of UTF-16, or beyond Unicode.
    is_valid = is_valid && (length != 3 || character >= 0x800) && (length != 4 || character >= 0x10000) &&
               (character < 0xd800 || character > 0xdfff) && character <= 0x10ffff;
    bytes.remove_prefix(is_valid ? length : 1);
    return is_valid ? character : replacement_character;
}

void append_escape(std::string& text, std::uint32_t character) {
    constexpr char digits[] = "0123456789abcdef";
    const std::size_t width = character < 0x100 ? 2 : character < 0x10000 ? 4 : 8;
    text += width == 2 ? "\\x" : width == 4 ? "\\u" : "\\U";
    for (std::size_t digit = width; digit-- > 0;) {
        text += digits[character >> (4 * digit) & 0xfU];
    }
}

}  // namespace

std::string docstring_text(std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        if (text.size() >= maximum_columns) {
            return text + "...";
        }
        const std::uint32_t character = take_character(bytes);
        if (character == '"' || character == '\\') {
            text += '\\';
            text += static_cast<char>(character);
        } else if (character >= 0x20 && character < 0x7f) {
            text += static_cast<char>(character);
        } else {
            append_escape(text, character);
        }
    }
    return text;
}

}  // namespace sotto::pytorch
