// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <stdexcept>
#include <vector>

#include "engine/plugin/isolation/message.hpp"

namespace sotto::plugin::isolation {

/// The other side closed the connection, by its end for example.
class ConnectionLost : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The deadline passed.
class TimedOut : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Messages over one end of a stream socket, which it owns. Sending and receiving may run at once, each by one thread.
class Channel {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr Clock::time_point forever = Clock::time_point::max();

    explicit Channel(int descriptor) noexcept : descriptor_(descriptor) {}
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    /// Throws ConnectionLost or TimedOut.
    void send(MessageType type, std::span<const std::byte> body, Clock::time_point deadline = forever);

    struct Message {
        MessageType type{};
        std::span<const std::byte> body;  ///< valid until the next receive; aligned to 8 bytes
    };
    /// While nothing arrives, calls `waiting`, where there is one, about every 50 ms; it returns the deadline from then
    /// on. Throws ConnectionLost, TimedOut, and ProtocolError for a head that is not of this protocol.
    Message receive(Clock::time_point deadline = forever, const std::function<Clock::time_point()>& waiting = {});

    /// Whether something has arrived, or the other side is gone. From any thread, never waits.
    bool has_news() const noexcept;

  private:
    void read_all(std::byte* first, std::size_t size, Clock::time_point& deadline,
                  const std::function<Clock::time_point()>& waiting) const;

    int descriptor_;
    std::vector<std::byte> body_;
};

}  // namespace sotto::plugin::isolation
