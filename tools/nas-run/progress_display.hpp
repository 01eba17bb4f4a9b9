// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/run/events.hpp"

namespace sotto::tools {

/// `0:07`, `12:34`, `1:02:03`.
std::string clock_text(double seconds);

/// What the bar shows.
struct ProgressState {
    std::uint64_t evaluations = 0;
    std::uint64_t budget = 0;
    double rate = 0;  ///< per second; 0: not known yet
    std::uint64_t front_size = 0;
    double hypervolume = 0;
    std::uint64_t distinct = 0;  ///< networks; the other candidates were known ones or none
    std::string stage{};  ///< `stage 1/3 trained`: then evaluations are networks that it scored; empty: the search
};

/// One line of at most `width` columns: bar, count, rate, ETA, front size, hypervolume; parts are left out from the
/// left where there is no room.
std::string progress_line(const ProgressState& state, std::size_t width);

/// Shows a run on standard error: a bar that is redrawn in place on a terminal, else a line every some seconds.
/// Messages go through it so that they do not run into the bar. Thread-safe.
class ProgressDisplay {
  public:
    enum class Mode { none, lines, bar };

    /// `bar` where standard error is a terminal that can redraw, else `lines`.
    static Mode suitable_mode();

    explicit ProgressDisplay(Mode mode) : mode_(mode) {}
    ~ProgressDisplay() { finish(); }
    ProgressDisplay(const ProgressDisplay&) = delete;
    ProgressDisplay& operator=(const ProgressDisplay&) = delete;

    void on_event(const run::Event& event);
    /// A whole line, without its line break.
    void message(std::string_view line);
    /// Takes the bar away.
    void finish();

  private:
    using Clock = std::chrono::steady_clock;
    struct Sample {
        Clock::time_point time;
        std::uint64_t evaluations;
    };

    void on_stage_event(const run::Event& event, Clock::time_point now);
    void show(Clock::time_point now, bool is_line_due);
    void update_rate(Clock::time_point now);
    void draw(Clock::time_point now);
    void clear();

    const Mode mode_;
    std::mutex mutex_;
    ProgressState state_;
    std::deque<Sample> samples_;
    Clock::time_point stage_begin_{};
    std::uint64_t stage_computed_ = 0;
    Clock::time_point last_shown_{};
    bool drawn_ = false;
};

}  // namespace sotto::tools
