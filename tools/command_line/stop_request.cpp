// SPDX-License-Identifier: Apache-2.0
#include "tools/command_line/stop_request.hpp"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <initializer_list>

#include "tools/command_line/unfinished_work.hpp"

namespace sotto::tools {
namespace {

constexpr int exit_interrupted = 130;

std::atomic<bool> stop{false};
std::atomic<int> reason{0};
std::atomic<bool> end_at_once{false};
std::atomic<const char*> asked_line{nullptr};
std::atomic<const char*> at_once_line{nullptr};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free &&
                  std::atomic<const char*>::is_always_lock_free,
              "only lock-free atomics may be used in a signal handler");

void say(const char* line) {
    if (line != nullptr) {
        static_cast<void>(!write(STDERR_FILENO, line, strlen(line)));
    }
}

extern "C" void on_signal(int number) {
    const int error = errno;
    if (end_at_once.load() || (stop.load() && reason.load() != static_cast<int>(StopReason::time_limit))) {
        say(at_once_line.load());
        end_process(exit_interrupted);
    }
    say(asked_line.load());
    request_stop(number == SIGINT    ? StopReason::interrupt
                 : number == SIGTERM ? StopReason::terminate
                                     : StopReason::hang_up);
    errno = error;
}

}  // namespace

std::string_view to_text(StopReason why) {
    switch (why) {
        case StopReason::interrupt:
            return "Ctrl-C";
        case StopReason::terminate:
            return "SIGTERM";
        case StopReason::hang_up:
            return "SIGHUP";
        case StopReason::time_limit:
            return "time limit";
        case StopReason::none:
            break;
    }
    return "none";
}

void handle_stop_signals() {
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction before {};
        // nohup asks that a hang-up be ignored, a shell that a background job ignores Ctrl-C: respected.
        if (sigaction(number, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) {
            sigaction(number, &action, nullptr);
        }
    }
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, nullptr);
    sigaction(SIGXFSZ, &ignore, nullptr);
}

void say_when_stopped(const char* asked, const char* at_once) {
    asked_line.store(asked);
    at_once_line.store(at_once);
}

EndAtOnce::EndAtOnce() {
    end_at_once.store(true);
}

EndAtOnce::~EndAtOnce() {
    end_at_once.store(false);
}

void request_stop(StopReason why) {
    int none = 0;
    reason.compare_exchange_strong(none, static_cast<int>(why));
    stop.store(true);
}

const std::atomic<bool>& stop_flag() {
    return stop;
}

StopReason stop_reason() {
    return static_cast<StopReason>(reason.load());
}

TimeLimit::TimeLimit(std::chrono::milliseconds limit)
    : end_(std::chrono::steady_clock::now() + limit), watch_([this] {
          std::unique_lock lock(mutex_);
          if (!ended_.wait_until(lock, end_, [this] { return over_; })) {
              request_stop(StopReason::time_limit);
          }
      }) {}

void TimeLimit::check() const {
    if (std::chrono::steady_clock::now() >= end_) {
        request_stop(StopReason::time_limit);
    }
}

TimeLimit::~TimeLimit() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    ended_.notify_all();
    watch_.join();
}

}  // namespace sotto::tools
