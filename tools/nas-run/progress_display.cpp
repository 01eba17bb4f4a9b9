// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/progress_display.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <variant>
#include <vector>

namespace sotto::tools {
namespace {

constexpr auto redraw_interval = std::chrono::milliseconds(100);
constexpr auto line_interval = std::chrono::seconds(5);
constexpr auto rate_window = std::chrono::seconds(10);

std::string formatted(const char* format, double value) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, format, value);
    return buffer;
}

std::size_t terminal_width() {
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    return 80;
}

double fraction(const ProgressState& state) {
    return state.budget == 0 ? 0 : static_cast<double>(state.evaluations) / static_cast<double>(state.budget);
}

// The parts after the bar, most important last to go.
std::vector<std::string> parts_of(const ProgressState& state) {
    std::vector<std::string> parts;
    parts.push_back((state.stage.empty() ? "" : state.stage + ' ') + std::to_string(state.evaluations) + '/' +
                    std::to_string(state.budget));
    if (state.rate > 0) {
        const double left = static_cast<double>(state.budget - std::min(state.budget, state.evaluations));
        parts.push_back(state.rate < 0.1 ? formatted("%.1f/min", 60 * state.rate)
                                         : formatted(state.rate < 10 ? "%.1f/s" : "%.0f/s", state.rate));
        parts.push_back("ETA " + clock_text(left / state.rate));
    }
    if (!state.stage.empty()) {
        return parts;
    }
    parts.push_back("front " + std::to_string(state.front_size));
    parts.push_back("hypervolume " + formatted("%.4f", state.hypervolume));
    parts.push_back(std::to_string(state.distinct) + " distinct");
    return parts;
}

std::string joined(const std::vector<std::string>& parts, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += (i == 0 ? "" : "  ") + parts[i];
    }
    return text;
}

void write_error(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

}  // namespace

std::string clock_text(double seconds) {
    const auto whole = static_cast<long long>(std::llround(std::clamp(seconds, 0.0, 3.6e8)));
    char buffer[64];
    if (whole >= 3600) {
        std::snprintf(buffer, sizeof buffer, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
    } else {
        std::snprintf(buffer, sizeof buffer, "%lld:%02lld", whole / 60, whole % 60);
    }
    return buffer;
}

std::string progress_line(const ProgressState& state, std::size_t width) {
    const std::vector<std::string> parts = parts_of(state);
    std::size_t count = parts.size();
    while (count > 1 && joined(parts, count).size() > width) {
        --count;
    }
    const std::string text = joined(parts, count).substr(0, width);
    constexpr std::size_t shortest_bar = 10;
    constexpr std::size_t longest_bar = 40;
    constexpr std::size_t frame = 4;  // brackets and two spaces
    if (text.size() + frame + shortest_bar > width) {
        return text;
    }
    const std::size_t bar = std::min(longest_bar, width - text.size() - frame);
    const auto full = std::min(bar, static_cast<std::size_t>(fraction(state) * static_cast<double>(bar)));
    return '[' + std::string(full, '#') + std::string(bar - full, '.') + "]  " + text;
}

ProgressDisplay::Mode ProgressDisplay::suitable_mode() {
    const char* terminal = std::getenv("TERM");
    const bool can_redraw = terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
    return isatty(STDERR_FILENO) != 0 && can_redraw ? Mode::bar : Mode::lines;
}

void ProgressDisplay::on_event(const run::Event& event) {
    if (mode_ == Mode::none) {
        return;
    }
    const std::lock_guard lock(mutex_);
    const Clock::time_point now = Clock::now();
    bool is_last = false;
    if (const auto* progress = std::get_if<run::Progress>(&event)) {
        state_.evaluations = std::max(state_.evaluations, progress->evaluations);
        state_.budget = progress->budget;
    } else if (const auto* generation = std::get_if<run::GenerationFinished>(&event)) {
        state_.evaluations = generation->row.evaluations;
        state_.budget = generation->budget;
        state_.front_size = generation->row.front_size;
        state_.hypervolume = generation->row.hypervolume;
        state_.distinct = generation->row.distinct;
        is_last = generation->row.evaluations >= generation->budget;
    } else {
        on_stage_event(event, now);
        return;
    }
    update_rate(now);
    show(now,
         is_last || (std::holds_alternative<run::GenerationFinished>(event) && now - last_shown_ >= line_interval));
}

// Networks of a stage take minutes each, and those that are known no time: the rate is that of what was computed since
// the stage began.
void ProgressDisplay::on_stage_event(const run::Event& event, Clock::time_point now) {
    if (const auto* started = std::get_if<run::StageStarted>(&event)) {
        state_ = {};
        state_.stage =
            "stage " + std::to_string(started->stage) + '/' + std::to_string(started->stages) + ' ' + started->id;
        state_.budget = started->networks;
        stage_begin_ = now;
        stage_computed_ = 0;
        show(now, true);
    } else if (const auto* scored = std::get_if<run::FinalistScored>(&event)) {
        state_.evaluations = std::max(state_.evaluations, scored->scored);
        stage_computed_ += scored->computed ? 1 : 0;
        const double seconds = std::chrono::duration<double>(now - stage_begin_).count();
        state_.rate = seconds > 0.2 ? static_cast<double>(stage_computed_) / seconds : 0;
        show(now, state_.evaluations == state_.budget || now - last_shown_ >= line_interval);
    }
}

void ProgressDisplay::show(Clock::time_point now, bool is_line_due) {
    if (mode_ == Mode::bar) {
        if (now - last_shown_ >= redraw_interval) {
            draw(now);
        }
    } else if (is_line_due) {
        write_error(joined(parts_of(state_), parts_of(state_).size()) + '\n');
        last_shown_ = now;
    }
}

void ProgressDisplay::update_rate(Clock::time_point now) {
    samples_.push_back({now, state_.evaluations});
    while (samples_.size() > 2 && now - samples_.front().time > rate_window) {
        samples_.pop_front();
    }
    const double seconds = std::chrono::duration<double>(now - samples_.front().time).count();
    if (seconds > 0.2) {
        state_.rate = static_cast<double>(state_.evaluations - samples_.front().evaluations) / seconds;
    }
}

void ProgressDisplay::draw(Clock::time_point now) {
    // The last column stays free: some terminals wrap when it is written.
    write_error("\r\033[K" + progress_line(state_, terminal_width() - 1));
    drawn_ = true;
    last_shown_ = now;
}

void ProgressDisplay::clear() {
    if (drawn_) {
        write_error("\r\033[K");
        drawn_ = false;
    }
}

void ProgressDisplay::message(std::string_view line) {
    const std::lock_guard lock(mutex_);
    clear();
    write_error(std::string(line) + '\n');
}

void ProgressDisplay::finish() {
    const std::lock_guard lock(mutex_);
    clear();
}

}  // namespace sotto::tools
