// SPDX-License-Identifier: Apache-2.0
#include "tools/command_line/link_options.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include "engine/input/input_error.hpp"

namespace sotto::tools {
namespace {

std::string number_text(double value) {
    std::array<char, 32> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), end};
}

}  // namespace

void require_above_zero(const char* option, const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_number = error == std::errc{} && end == text.data() + text.size() && std::isfinite(value);
    if (!text.empty() && !(is_number && value > 0)) {
        throw input::InputError({{}, option, '\'' + text + '\'', "a number above 0", {}});
    }
}

std::string link_text(double bandwidth_mbps, double rtt_ms) {
    const std::string bandwidth =
        std::isinf(bandwidth_mbps) ? "unlimited bandwidth" : number_text(bandwidth_mbps) + " Mbit/s";
    return bandwidth + ", " + number_text(rtt_ms) + " ms";
}

}  // namespace sotto::tools
