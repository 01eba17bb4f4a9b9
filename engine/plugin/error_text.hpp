// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "sotto/plugin.h"

namespace sotto::plugin {

/// `unsupported`, `out of memory`, `unknown status 17`.
std::string status_text(sotto_status status);

/// A text of a plug-in as it may be shown and stored: cut after 64 KiB, every byte that is neither UTF-8 nor a
/// character for people as `?`, lines joined with spaces. `text` needs no end within 64 KiB.
std::string plain_text(const char* text);

/// The text that one call across the border leaves behind. The sink may be used from any thread until the call returns.
class ErrorText {
  public:
    ErrorText();
    ErrorText(const ErrorText&) = delete;
    ErrorText& operator=(const ErrorText&) = delete;

    const sotto_error_sink* sink() const noexcept { return &sink_; }
    void clear() { text_.clear(); }
    const std::string& text() const noexcept { return text_; }
    /// The text, or `no reason given`.
    std::string reason() const;

  private:
    static void report(const sotto_error_sink* sink, const char* text) noexcept;

    sotto_error_sink sink_;
    std::mutex mutex_;
    std::string text_;
};

/// Runs `call`; an exception that leaves it becomes a text, since none may cross the border. Empty where all went well.
template <typename Call>
std::string escaped_exception(Call&& call) {
    try {
        std::forward<Call>(call)();
    } catch (const std::exception& error) {
        return "an exception escaped: " + plain_text(error.what());
    } catch (...) {
        return "an exception of unknown type escaped";
    }
    return {};
}

}  // namespace sotto::plugin
