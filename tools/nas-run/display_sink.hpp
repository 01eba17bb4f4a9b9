// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <string_view>

#include <spdlog/details/log_msg.h>
#include <spdlog/sinks/base_sink.h>

#include "tools/nas-run/progress_display.hpp"

namespace sotto::tools {

/// Log lines and the progress bar share standard error.
class DisplaySink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit DisplaySink(ProgressDisplay& display) : display_(display) {}

  protected:
    void sink_it_(const spdlog::details::log_msg& entry) override {
        spdlog::memory_buf_t text;
        formatter_->format(entry, text);
        std::string_view line(text.data(), text.size());
        while (!line.empty() && line.back() == '\n') {
            line.remove_suffix(1);
        }
        display_.message(line);
    }
    void flush_() override {}

  private:
    ProgressDisplay& display_;
};

}  // namespace sotto::tools
