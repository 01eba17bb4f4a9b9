// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/error_text.hpp"

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
        self->text_ = text;
    } catch (...) {
        // Out of memory for the reason itself: the status still tells.
    }
}

}  // namespace sotto::plugin
