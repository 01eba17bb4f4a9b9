// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/check/process_group.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace sotto::check {
namespace {

constexpr long long count_interval_milliseconds = 100;

// The fifth member of /proc/PID/stat, behind the name, which may hold spaces and parentheses.
pid_t group_of(const std::filesystem::path& process) {
    std::ifstream file(process / "stat");
    std::string text;
    std::getline(file, text);
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) {
        return -1;  // it has ended
    }
    std::istringstream rest(text.substr(name_end + 1));
    char state = 0;
    pid_t parent = 0;
    pid_t group = 0;
    rest >> state >> parent >> group;
    return group;
}

std::size_t count_processes(pid_t group) {
    std::size_t count = 0;
    std::error_code ended;
    for (std::filesystem::directory_iterator entry("/proc", ended), none; !ended && entry != none;
         entry.increment(ended)) {
        const std::string name = entry->path().filename().string();
        count +=
            std::isdigit(static_cast<unsigned char>(name.front())) != 0 && group_of(entry->path()) == group ? 1 : 0;
    }
    return count;
}

}  // namespace

Ending wait_for_end(pid_t child, double seconds) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    const int process = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
    if (process < 0) {
        throw std::runtime_error(std::string("cannot watch a process: ") + std::strerror(errno));
    }
    Ending ending = Ending::time_over;
    for (auto left = end - Clock::now(); ending == Ending::time_over && left.count() > 0; left = end - Clock::now()) {
        const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
        pollfd watched = {process, POLLIN, 0};
        if (poll(&watched, 1, static_cast<int>(std::min<long long>(milliseconds, count_interval_milliseconds))) > 0) {
            ending = Ending::by_itself;
        } else if (count_processes(child) > most_processes) {
            ending = Ending::too_many_processes;
        }
    }
    close(process);
    return ending;
}

void kill_group(pid_t first) noexcept {
    kill(-first, SIGKILL);
    kill(first, SIGKILL);
}

}  // namespace sotto::check
