// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "engine/plugin/isolation/channel.hpp"
#include "engine/plugin/isolation/isolation.hpp"

namespace sotto::plugin {
struct HostServices;
}

namespace sotto::plugin::isolation {

/// The host process died, gave no answer in time or answered nonsense; in each case it has ended. The text says which:
/// `its process was killed by signal 11 (Segmentation fault)`.
class HostEnded : public std::runtime_error {
  public:
    HostEnded(const std::string& reason, bool is_cancelled) : std::runtime_error(reason), is_cancelled_(is_cancelled) {}
    /// Ended because the run is being stopped and the plug-in did not give up.
    bool is_cancelled() const noexcept { return is_cancelled_; }

  private:
    bool is_cancelled_;
};

/// A running sotto-plugin-host: a process group of its own, so that Ctrl-C reaches the program alone, with nothing on
/// standard input and standard output joined to standard error. It ends with this object, and with this process however
/// that ends. Belongs to one thread at a time.
class HostProcess {
  public:
    /// Throws PluginError where the program cannot be started.
    explicit HostProcess(const std::string& program);
    /// Asks it to end, and ends it where it does not within some seconds.
    ~HostProcess();
    HostProcess(const HostProcess&) = delete;
    HostProcess& operator=(const HostProcess&) = delete;

    /// Sends a request and returns the answer, whose body is valid until the next request. Log lines that come before
    /// it go to `services`; once these say that the run is being stopped, the process is told, and has five seconds
    /// left. Throws HostEnded.
    Channel::Message request(MessageType type, std::span<const std::byte> body, double timeout_s,
                             const HostServices& services);

    pid_t id() const noexcept { return id_; }

  private:
    Channel::Message receive_answer(double timeout_s, const HostServices& services, bool& is_cancelled);
    std::string wait_for_end();
    void kill_now() noexcept;

    pid_t id_ = -1;  // -1: has ended and was waited for
    std::unique_ptr<Channel> channel_;
};

}  // namespace sotto::plugin::isolation
