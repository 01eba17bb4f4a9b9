// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>

namespace sotto::tools {

/// Why the process was asked to stop, and that it was. One for the process, since signals are.
enum class StopReason : int { none = 0, interrupt, terminate, hang_up, time_limit };

/// `Ctrl-C`, `SIGTERM`, `SIGHUP`, `time limit`.
std::string_view to_text(StopReason reason);

/// From now on the first SIGINT, SIGTERM or SIGHUP asks to stop, and the second ends the process at once with 130. A
/// closed pipe and a file over its limit become errors of the write that meets them. Call once, before threads start.
void handle_stop_signals();

/// What is written to standard error when the first signal comes, and when one ends the process at once; null: nothing.
/// Both outlive the process, or the next call.
void say_when_stopped(const char* asked, const char* at_once);

/// While one lives, the first signal ends the process at once as well: for waits that nothing can be asked in, such as
/// reading a named pipe.
class EndAtOnce {
  public:
    EndAtOnce();
    ~EndAtOnce();
    EndAtOnce(const EndAtOnce&) = delete;
    EndAtOnce& operator=(const EndAtOnce&) = delete;
};

/// The first reason stays. From any thread.
void request_stop(StopReason reason);

/// What the search watches.
const std::atomic<bool>& stop_flag();
StopReason stop_reason();

/// Asks to stop with StopReason::time_limit after `limit`, unless it is destroyed before. A thread watches, so that a
/// long generation is cut short; check() does the same at once, however late a busy machine lets that thread run.
class TimeLimit {
  public:
    explicit TimeLimit(std::chrono::milliseconds limit);
    ~TimeLimit();
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;

    void check() const;

  private:
    std::chrono::steady_clock::time_point end_;
    std::mutex mutex_;
    std::condition_variable ended_;
    bool over_ = false;
    std::thread watch_;
};

}  // namespace sotto::tools
