// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <unistd.h>

#include <cstdlib>

/// Sends this process the signals that an environment variable names for a number: `2@10 9@37` is signal 2 at number
/// 10 and signal 9 at number 37.
inline void send_chosen_signals(const char* variable, long number) {
    const char* at = std::getenv(variable);
    while (at != nullptr && *at != '\0') {
        char* end = nullptr;
        const long signal_number = std::strtol(at, &end, 10);
        const long when = *end == '@' ? std::strtol(end + 1, &end, 10) : 0;
        if (when == number) {
            kill(getpid(), static_cast<int>(signal_number));
        }
        at = *end == '\0' ? nullptr : end + 1;
    }
}
