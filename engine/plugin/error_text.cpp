// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/error_text.hpp"

#include <algorithm>
#include <cstring>

#include "engine/input/plain_text.hpp"

namespace sotto::plugin {

std::string status_text(sotto_status status) {
    switch (status) {
        case SOTTO_OK:
            return "ok";
        case SOTTO_UNSUPPORTED:
            return "unsupported";
        case SOTTO_INVALID_ARGUMENT:
            return "invalid argument";
        case SOTTO_OUT_OF_MEMORY:
            return "out of memory";
        case SOTTO_INTERNAL:
            return "internal error";
        case SOTTO_CANCELLED:
            return "cancelled";
        default:
            return "unknown status " + std::to_string(status);
    }
}

std::string plain_text(const char* text) {
    constexpr std::size_t longest = std::size_t{64} << 10;
    std::string_view left(text, strnlen(text, longest));
    const bool is_cut = left.size() == longest;
    std::string plain;
    plain.reserve(left.size());
    while (!left.empty()) {
        const std::size_t bytes = input::plain_character_bytes(left);
        if (bytes == 0) {
            plain += '?';
        } else if (left.front() == '\n' || left.front() == '\r' || left.front() == '\t') {
            plain += ' ';
        } else {
            plain += left.substr(0, bytes);
        }
        left.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
    return is_cut ? plain + " (cut after 64 KiB)" : plain;
}

ErrorText::ErrorText() : sink_{sizeof(sotto_error_sink), 0, this, &ErrorText::report} {}

std::string ErrorText::reason() const {
    return text_.empty() ? "no reason given" : text_;
}

void ErrorText::report(const sotto_error_sink* sink, const char* text) noexcept {
    if (sink == nullptr || text == nullptr) {
        return;
    }
    auto* self = static_cast<ErrorText*>(sink->host_data);
    try {
        const std::lock_guard lock(self->mutex_);
        self->text_ = plain_text(text);
    } catch (...) {
        // Out of memory for the reason itself: the status still tells.
    }
}

}  // namespace sotto::plugin
