// SPDX-License-Identifier: Apache-2.0
// Catch2 2.13 and 3.x under one include, and a visible skip that both can express.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

#include <cstdio>
#include <string>

namespace sotto::matchers {

/// Matches a text that holds `part`. (Catch2 3 gave the name Contains to another matcher.)
inline auto contains_text(const std::string& part) {
#if __has_include(<catch2/catch_all.hpp>)
    return Catch::Matchers::ContainsSubstring(part);
#else
    return Catch::Matchers::Contains(part);
#endif
}

}  // namespace sotto::matchers

// Ends the test case; CTest reports it as skipped (sotto_add_test sets the pattern).
#define SOTTO_SKIP(reason)                            \
    do {                                              \
        std::printf("SOTTO-SKIPPED: %s\n", (reason)); \
        return;                                       \
    } while (false)
