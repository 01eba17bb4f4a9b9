// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/isolation/channel.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace sotto::plugin::isolation {
namespace {

constexpr std::uint32_t magic = 0x6f74'7453;  // "Stto"

struct Head {
    std::uint32_t magic;
    std::uint32_t version;
    std::uint32_t type;
    std::uint32_t reserved;
    std::uint64_t size;
};

constexpr std::chrono::milliseconds wait_step{50};

[[noreturn]] void throw_lost(const char* function) {
    throw ConnectionLost(std::string(function) + ": " + std::strerror(errno));
}

// Waits for `events`, at most until the deadline and at most one step where `steps`. False: nothing yet.
bool wait_for(int descriptor, short events, Channel::Clock::time_point deadline, bool steps) {
    const auto now = Channel::Clock::now();
    int milliseconds = -1;
    if (steps || deadline != Channel::forever) {
        const auto left =
            deadline == Channel::forever
                ? wait_step
                : std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now) + std::chrono::milliseconds(1);
        const auto most =
            steps ? std::min(left, wait_step) : std::min<std::chrono::milliseconds>(left, std::chrono::hours(1));
        milliseconds = static_cast<int>(std::max<std::int64_t>(0, most.count()));
    }
    pollfd watched = {descriptor, events, 0};
    const int ready = poll(&watched, 1, milliseconds);
    if (ready > 0) {
        return true;
    }
    if (ready < 0 && errno != EINTR) {
        throw_lost("poll");
    }
    if (Channel::Clock::now() >= deadline) {
        throw TimedOut("no answer");
    }
    return false;
}

bool is_try_again(int error) {
    return error == EAGAIN || error == EINTR;
}

}  // namespace

Channel::~Channel() {
    close(descriptor_);
}

void Channel::send(MessageType type, std::span<const std::byte> body, Clock::time_point deadline) {
    Head head = {magic, protocol_version, static_cast<std::uint32_t>(type), 0, body.size()};
    std::array<iovec, 2> parts = {{{&head, sizeof head}, {const_cast<std::byte*>(body.data()), body.size()}}};
    std::size_t first = 0;
    while (first < parts.size()) {
        if (parts[first].iov_len == 0) {
            ++first;
            continue;
        }
        msghdr message{};
        message.msg_iov = parts.data() + first;
        message.msg_iovlen = parts.size() - first;
        const ssize_t sent = sendmsg(descriptor_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) {
            if (!is_try_again(errno)) {
                throw_lost("send");
            }
            wait_for(descriptor_, POLLOUT, deadline, false);
            continue;
        }
        auto left = static_cast<std::size_t>(sent);
        for (; left > 0; ++first) {
            const std::size_t taken = std::min(left, parts[first].iov_len);
            parts[first].iov_base = static_cast<std::byte*>(parts[first].iov_base) + taken;
            parts[first].iov_len -= taken;
            left -= taken;
            if (parts[first].iov_len > 0) {
                break;
            }
        }
    }
}

void Channel::read_all(std::byte* first, std::size_t size, Clock::time_point& deadline,
                       const std::function<Clock::time_point()>& waiting) const {
    while (size > 0) {
        const ssize_t count = recv(descriptor_, first, size, MSG_DONTWAIT);
        if (count > 0) {
            first += count;
            size -= static_cast<std::size_t>(count);
        } else if (count == 0) {
            throw ConnectionLost("the other side closed the connection");
        } else if (!is_try_again(errno)) {
            throw_lost("receive");
        } else if (!wait_for(descriptor_, POLLIN, deadline, static_cast<bool>(waiting)) && waiting) {
            deadline = waiting();
        }
    }
}

Channel::Message Channel::receive(Clock::time_point deadline, const std::function<Clock::time_point()>& waiting) {
    Head head{};
    read_all(reinterpret_cast<std::byte*>(&head), sizeof head, deadline, waiting);
    if (head.magic != magic) {
        throw ProtocolError("found bytes that are no message");
    }
    if (head.version != protocol_version) {
        throw ProtocolError("found protocol version " + std::to_string(head.version) + ", expected " +
                            std::to_string(protocol_version));
    }
    if (head.size > most_message_bytes) {
        throw ProtocolError("found a message of " + std::to_string(head.size) + " bytes, expected at most " +
                            std::to_string(most_message_bytes));
    }
    body_.resize(head.size);
    read_all(body_.data(), body_.size(), deadline, waiting);
    return {static_cast<MessageType>(head.type), body_};
}

bool Channel::has_news() const noexcept {
    char byte = 0;
    const ssize_t count = recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count >= 0 || !is_try_again(errno);
}

}  // namespace sotto::plugin::isolation
