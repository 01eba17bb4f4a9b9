// SPDX-License-Identifier: Apache-2.0
#include "engine/input/plain_text.hpp"

#include <cstdint>

namespace sotto::input {

std::size_t plain_character_bytes(std::string_view text) noexcept {
    if (text.empty()) {
        return 0;
    }
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80U) {
        const bool is_plain = (first >= 0x20U && first != 0x7FU) || first == '\t' || first == '\n' || first == '\r';
        return is_plain ? 1 : 0;
    }
    const std::size_t bytes = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : 2;
    if (first < 0xC2U || first > 0xF4U || text.size() < bytes) {
        return 0;
    }
    std::uint32_t code = first & (0x7FU >> bytes);
    for (const char c : text.substr(1, bytes - 1)) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0U) != 0x80U) {
            return 0;
        }
        code = code << 6U | (byte & 0x3FU);
    }
    const bool is_too_long = (bytes == 3 && code < 0x800U) || (bytes == 4 && code < 0x10000U);
    const bool is_surrogate = code >= 0xD800U && code <= 0xDFFFU;
    const bool is_control = code < 0xA0U;
    return is_too_long || is_surrogate || is_control || code > 0x10FFFFU ? 0 : bytes;
}

}  // namespace sotto::input
