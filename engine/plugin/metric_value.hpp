// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace sotto::plugin {

/// A signalling NaN that no arithmetic yields: what still holds it was never written by the plug-in.
inline constexpr std::uint64_t unwritten_bits = 0x7ff4'536f'7474'6f21U;
inline const double unwritten = std::bit_cast<double>(unwritten_bits);

inline bool is_unwritten(double value) noexcept {
    return std::bit_cast<std::uint64_t>(value) == unwritten_bits;
}

}  // namespace sotto::plugin
