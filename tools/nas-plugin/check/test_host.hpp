// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "sotto/plugin.h"

namespace sotto::check {

/// The host that plug-ins under test see.
class TestHost {
  public:
    /// What parallel_for does: a plug-in must be right with any of them.
    enum class Loops : std::uint8_t { refused, backwards, on_threads };

    TestHost();
    TestHost(const TestHost&) = delete;
    TestHost& operator=(const TestHost&) = delete;

    const sotto_host& host() const noexcept { return host_; }
    void cancel(bool cancelled) { is_cancelled_ = cancelled; }
    void set_loops(Loops loops) { loops_ = loops; }
    /// From now on every call is a misuse: the last instance and init are gone.
    void close() { is_closed_ = true; }

    /// How often parallel_for was called.
    std::uint32_t loop_count() const { return loop_count_; }
    /// The first misuse of a service; empty: none.
    std::string misuse() const;

  private:
    void note(const char* misuse);
    void expect_open(const char* service);
    bool run(std::uint32_t index, void (*body)(void* data, std::uint32_t index), void* data);

    static void log(const sotto_host* host, std::int32_t level, const char* text) noexcept;
    static std::int32_t is_cancelled(const sotto_host* host) noexcept;
    static sotto_status parallel_for(const sotto_host* host, std::uint32_t count,
                                     void (*body)(void* data, std::uint32_t index), void* data) noexcept;
    static const void* get_extension(const sotto_host* host, const char* id) noexcept;

    sotto_host host_{};
    std::atomic<bool> is_cancelled_ = false;
    std::atomic<bool> is_closed_ = false;
    std::atomic<Loops> loops_ = Loops::backwards;
    std::atomic<std::uint32_t> loop_count_ = 0;
    mutable std::mutex mutex_;
    std::string misuse_;
};

}  // namespace sotto::check
