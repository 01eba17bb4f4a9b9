// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/border_call.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace sotto::plugin {
namespace {

// Of this thread: the only one that a fork takes along.
thread_local const BorderCrossing* innermost = nullptr;
thread_local bool is_copy = false;

void note_fork() {
    is_copy = innermost != nullptr;
}

// Where a handler of a signal runs when a plug-in has used up the stack of the thread.
class SignalStack {
  public:
    SignalStack() noexcept {
        stack_t before{};
        if (sigaltstack(nullptr, &before) != 0 || (before.ss_flags & SS_DISABLE) == 0) {
            return;  // a sanitizer has made one
        }
        stack_t own{};
        own.ss_sp = bytes_.data();
        own.ss_size = bytes_.size();
        is_own_ = sigaltstack(&own, nullptr) == 0;
    }
    ~SignalStack() {
        if (is_own_) {
            stack_t none{};
            none.ss_flags = SS_DISABLE;
            sigaltstack(&none, nullptr);
        }
    }
    SignalStack(const SignalStack&) = delete;
    SignalStack& operator=(const SignalStack&) = delete;
    void touch() const noexcept {}

  private:
    std::array<unsigned char, 32768> bytes_;
    bool is_own_ = false;
};

thread_local const SignalStack signal_stack;

}  // namespace

BorderCrossing::BorderCrossing(const char* who, const char* function) noexcept
    : who_(who), function_(function), outer_(innermost) {
    static const int registered = pthread_atfork(nullptr, nullptr, note_fork);
    static_cast<void>(registered);
    signal_stack.touch();
    innermost = this;
}

BorderCrossing::~BorderCrossing() {
    innermost = outer_;
    if (is_copy) [[unlikely]] {
        constexpr std::string_view text =
            "a plug-in forked within a call and returned in the new process, which is ended\n";
        static_cast<void>(!write(STDERR_FILENO, text.data(), text.size()));
        _exit(1);
    }
}

const BorderCrossing* BorderCrossing::current() noexcept {
    return innermost;
}

}  // namespace sotto::plugin
