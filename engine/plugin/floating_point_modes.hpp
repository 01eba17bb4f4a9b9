// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cfenv>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace sotto::plugin {

/// How the calling thread computes: rounding, traps, and flushing of denormal numbers. Not the flags of what happened.
/// A plug-in leaves them as it found them: what the host computes later depends on them.
struct FloatingPointModes {
    int rounding = 0;
    unsigned control = 0;

#if defined(__SSE2__)
    static constexpr unsigned flags = 0x3f;
    static FloatingPointModes current() {
        return {std::fegetround(), _mm_getcsr() & ~flags};
    }
    void restore() const {
        std::fesetround(rounding);
        _mm_setcsr(control);
    }
#else
    static FloatingPointModes current() {
        return {std::fegetround(), 0};
    }
    void restore() const {
        std::fesetround(rounding);
    }
#endif
    friend bool operator==(const FloatingPointModes&, const FloatingPointModes&) = default;
};

}  // namespace sotto::plugin
