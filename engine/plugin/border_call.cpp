// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/border_call.hpp"

#include <pthread.h>
#include <unistd.h>

#include <string_view>

namespace sotto::plugin {
namespace {

// Of this thread: the only one that a fork takes along.
thread_local int depth = 0;
thread_local bool is_copy = false;

void note_fork() {
    is_copy = depth > 0;
}

}  // namespace

BorderCrossing::BorderCrossing() noexcept {
    static const int registered = pthread_atfork(nullptr, nullptr, note_fork);
    static_cast<void>(registered);
    ++depth;
}

BorderCrossing::~BorderCrossing() {
    --depth;
    if (is_copy) [[unlikely]] {
        constexpr std::string_view text =
            "a plug-in forked within a call and returned in the new process, which is ended\n";
        static_cast<void>(!write(STDERR_FILENO, text.data(), text.size()));
        _exit(1);
    }
}

}  // namespace sotto::plugin
