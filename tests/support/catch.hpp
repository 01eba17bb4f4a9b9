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

// Ends the test case; CTest reports it as skipped (sotto_add_test sets the pattern).
#define SOTTO_SKIP(reason)                            \
    do {                                              \
        std::printf("SOTTO-SKIPPED: %s\n", (reason)); \
        return;                                       \
    } while (false)
