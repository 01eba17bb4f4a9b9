// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>
#include <system_error>

#include "tools/nas-run/options.hpp"

namespace sotto::tools {

std::optional<std::chrono::milliseconds> parse_duration(const std::string& text) {
    constexpr double longest_seconds = 3.6e6;
    double seconds = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    double last_unit = longest_seconds;
    while (at != end) {
        double value = 0;
        const auto [after, error] = std::from_chars(at, end, value, std::chars_format::fixed);
        if (error != std::errc{} || std::signbit(value)) {
            return std::nullopt;
        }
        double unit = 1;
        at = after;
        if (at != end) {
            unit = *at == 's' ? 1 : *at == 'm' ? 60 : *at == 'h' ? 3600 : 0;
            ++at;
        } else if (last_unit != longest_seconds) {
            return std::nullopt;  // `1h30`: minutes or seconds?
        }
        if (unit == 0 || unit >= last_unit) {
            return std::nullopt;
        }
        last_unit = unit;
        seconds += value * unit;
    }
    if (!(seconds > 0 && seconds <= longest_seconds)) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(seconds * 1000)));
}

}  // namespace sotto::tools
