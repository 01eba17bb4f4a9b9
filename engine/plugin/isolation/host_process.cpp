// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/isolation/host_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <thread>

#include "engine/plugin/isolation/serve.hpp"
#include "engine/plugin/registry.hpp"

namespace sotto::plugin::isolation {
namespace {

using Clock = Channel::Clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds cancel_grace{5};
constexpr seconds quit_grace{5};
constexpr seconds exit_grace{2};  // from a closed connection to the end of its process

Clock::time_point after(double timeout_s) {
    constexpr double longest = 1e8;  // some years, within what the clock can add
    return Clock::now() +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(std::min(timeout_s, longest)));
}

std::string seconds_text(double value) {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%g s", value);
    return buffer;
}

struct FileActions {
    FileActions() { posix_spawn_file_actions_init(&actions); }
    ~FileActions() { posix_spawn_file_actions_destroy(&actions); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    posix_spawn_file_actions_t actions{};
};

struct Attributes {
    Attributes() { posix_spawnattr_init(&attributes); }
    ~Attributes() { posix_spawnattr_destroy(&attributes); }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
    posix_spawnattr_t attributes{};
};

// 0, or the error number.
int spawn(const std::string& program, int connection, pid_t& id) {
    FileActions files;
    posix_spawn_file_actions_addopen(&files.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files.actions, STDERR_FILENO, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files.actions, connection, serve_descriptor);
    Attributes attributes;
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes.attributes, &none);
    posix_spawnattr_setsigdefault(&attributes.attributes, &all);
    posix_spawnattr_setpgroup(&attributes.attributes, 0);
    posix_spawnattr_setflags(&attributes.attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    std::string name = program;
    const std::array<char*, 2> arguments = {name.data(), nullptr};
    return posix_spawn(&id, program.c_str(), &files.actions, &attributes.attributes, arguments.data(), environ);
}

std::string end_text(const siginfo_t& status) {
    if (status.si_code == CLD_EXITED) {
        return "its process exited with status " + std::to_string(status.si_status);
    }
    const char* const description = sigdescr_np(status.si_status);
    return "its process was killed by signal " + std::to_string(status.si_status) + " (" +
           (description == nullptr ? "unknown" : description) + ')';
}

}  // namespace

HostProcess::HostProcess(const std::string& program) {
    if (program.empty()) {
        throw PluginError("isolation: this program has no host for plug-ins, expected 'isolation: none'");
    }
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw PluginError(std::string("isolation: no connection to a host process: ") + strerrordesc_np(errno));
    }
    channel_ = std::make_unique<Channel>(ends[0]);
    const int error = spawn(program, ends[1], id_);
    close(ends[1]);
    if (error != 0) {
        id_ = -1;
        throw PluginError("isolation: the host process '" + program + "' cannot be started: " + strerrordesc_np(error));
    }
}

HostProcess::~HostProcess() {
    if (id_ < 0) {
        return;
    }
    try {
        const auto deadline = Clock::now() + quit_grace;
        channel_->send(MessageType::quit, {}, deadline);
        while (true) {
            channel_->receive(deadline);
        }
    } catch (const ConnectionLost&) {
        wait_for_end();
    } catch (const std::exception&) {
        kill_now();
    }
}

// Waits for a process that closed its connection, and kills it where it lives on.
std::string HostProcess::wait_for_end() {
    siginfo_t status{};
    const auto deadline = Clock::now() + exit_grace;
    bool is_over = false;
    while (!is_over && Clock::now() < deadline) {
        status.si_pid = 0;
        if (waitid(P_PID, static_cast<id_t>(id_), &status, WEXITED | WNOHANG | WNOWAIT) != 0 && errno != EINTR) {
            break;
        }
        is_over = status.si_pid == id_;
        if (!is_over) {
            std::this_thread::sleep_for(milliseconds(1));
        }
    }
    kill_now();
    return is_over ? end_text(status) : "its process closed the connection to the program and was ended";
}

// The whole group: what a plug-in started ends with it.
void HostProcess::kill_now() noexcept {
    kill(-id_, SIGKILL);
    kill(id_, SIGKILL);
    while (waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
    }
    id_ = -1;
}

Channel::Message HostProcess::receive_answer(double timeout_s, const HostServices& services, bool& is_cancelled) {
    auto deadline = after(timeout_s);
    const auto waiting = [&] {
        if (!is_cancelled && services.is_cancelled && services.is_cancelled()) {
            is_cancelled = true;
            channel_->send(MessageType::cancel, {}, Clock::now() + seconds(1));
            deadline = std::min(deadline, Clock::now() + cancel_grace);
        }
        return deadline;
    };
    while (true) {
        const Channel::Message answer = channel_->receive(deadline, waiting);
        if (answer.type != MessageType::log) {
            return answer;
        }
        MessageReader body(answer.body);
        const auto level = body.number<std::int32_t>();
        const std::string text = body.text();
        if (services.log) {
            services.log(level, text);
        }
        if (Clock::now() > deadline) {
            throw TimedOut("log lines, but no answer");
        }
    }
}

Channel::Message HostProcess::request(MessageType type, std::span<const std::byte> body, double timeout_s,
                                      const HostServices& services) {
    bool is_cancelled = false;
    try {
        channel_->send(type, body, after(timeout_s));
        return receive_answer(timeout_s, services, is_cancelled);
    } catch (const ConnectionLost&) {
        throw HostEnded(wait_for_end(), is_cancelled);
    } catch (const TimedOut&) {
        kill_now();
        throw HostEnded(is_cancelled ? "did not give up when the run was stopped; its process was ended"
                                     : "gave no answer within " + seconds_text(timeout_s) + "; its process was ended",
                        is_cancelled);
    } catch (const ProtocolError& error) {
        kill_now();
        throw HostEnded(std::string("its process gave an answer out of order: ") + error.what(), is_cancelled);
    }
}

}  // namespace sotto::plugin::isolation
