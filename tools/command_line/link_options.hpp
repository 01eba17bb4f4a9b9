// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sotto::tools {

/// Checks what was typed for --bandwidth-mbps or --rtt-ms; empty: the option was not given. Throws input::InputError
/// that names the option where it is no number above 0.
void require_above_zero(const char* option, const std::string& text);

/// `7000 Mbit/s, 0.5 ms`; a bandwidth of infinity: `unlimited bandwidth`.
std::string link_text(double bandwidth_mbps, double rtt_ms);

}  // namespace sotto::tools
