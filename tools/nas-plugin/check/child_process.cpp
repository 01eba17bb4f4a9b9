// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/check/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "engine/plugin/argument_check.hpp"
#include "engine/plugin/error_text.hpp"
#include "tools/nas-plugin/check/library_under_test.hpp"

namespace sotto::check {
namespace {

using Json = nlohmann::json;

// The result file: first the step that is under way, then the result. The first survives a crash.
constexpr std::size_t step_bytes = 1024;

class File {
  public:
    explicit File(const char* name) : descriptor_(memfd_create(name, 0)) {
        if (descriptor_ < 0) {
            throw std::runtime_error(std::string("cannot make a file in memory: ") + std::strerror(errno));
        }
    }
    ~File() { close(descriptor_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    int descriptor() const noexcept { return descriptor_; }
    std::string read(off_t offset, std::size_t most) const {
        std::string text(most, '\0');
        std::size_t done = 0;
        while (done < most) {
            const ssize_t got = pread(descriptor_, text.data() + done, most - done, offset + static_cast<off_t>(done));
            if (got <= 0) {
                break;
            }
            done += static_cast<std::size_t>(got);
        }
        text.resize(done);
        return text;
    }

  private:
    int descriptor_;
};

Outcome parse_outcome(const std::string& text) {
    for (const Outcome outcome : {Outcome::success, Outcome::failed, Outcome::skipped, Outcome::warning}) {
        if (text == to_text(outcome)) {
            return outcome;
        }
    }
    return Outcome::failed;
}

std::vector<std::string> child_arguments(const Check& check, const Context& context, int descriptor) {
    std::vector<std::string> arguments = {
        "nas-plugin",
        "check",
        context.library,
        "--child",
        std::string(check.name),
        "--result-descriptor",
        std::to_string(descriptor),
        "--seed",
        std::to_string(context.seed),
        "--timeout",
        std::to_string(context.timeout_seconds),
        "--fuzz",
        context.fuzz_seconds > 0 ? std::to_string(context.fuzz_seconds) + "s" : std::to_string(context.fuzz_count)};
    if (!context.plugin.empty()) {
        arguments.insert(arguments.end(), {"--plugin", context.plugin, "--kind",
                                           context.kind == plugin::Kind::cost_model ? "cost-model" : "accuracy-proxy"});
    }
    if (context.allow_writable) {
        arguments.emplace_back("--allow-writable");
    }
    for (const auto& [name, value] : context.parameters) {
        arguments.insert(arguments.end(), {"--param", name + '=' + value});
    }
    return arguments;
}

std::vector<Listed> list_plugins(const Context& context) {
    LibraryUnderTest library(context);
    library.init();
    std::vector<Listed> listed;
    for (const Offered& one : library.offered()) {
        Listed entry{one.kind, one.description.id, {}, {}};
        for (const plugin::Parameter& parameter : one.description.parameters) {
            entry.parameters.push_back(parameter.name);
            const auto given = context.parameters.find(parameter.name);
            if (given != context.parameters.end()) {
                try {
                    plugin::check_value(parameter, given->second);
                } catch (const plugin::PluginError& error) {
                    entry.wrong_parameter = error.what();
                }
            }
        }
        listed.push_back(std::move(entry));
    }
    return listed;
}

std::string signal_text(int number) {
    const char* name = sigabbrev_np(number);
    return name == nullptr ? "signal " + std::to_string(number) : "SIG" + std::string(name);
}

// Waits until nobody holds the other end of the pipe any more. False: the time is over.
bool wait_for_end(int pipe, double seconds) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
        if (left <= 0) {
            return false;
        }
        pollfd descriptor = {pipe, POLLIN, 0};
        if (poll(&descriptor, 1, static_cast<int>(std::min<long long>(left, 1'000'000))) > 0) {
            return true;
        }
    }
}

[[noreturn]] void become_child(const std::vector<std::string>& arguments, int output) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(nothing, 0);
    dup2(output, 1);
    dup2(output, 2);
    std::vector<char*> pointers;
    for (const std::string& argument : arguments) {
        pointers.push_back(const_cast<char*>(argument.c_str()));
    }
    pointers.push_back(nullptr);
    execv("/proc/self/exe", pointers.data());
    _exit(127);
}

}  // namespace

ChildResult run_here(const Check& check, const Context& context) {
    ChildResult result;
    try {
        result.text = check.run(context);
        result.outcome = Outcome::success;
        if (check.name == "describes-plugins") {
            result.plugins = list_plugins(context);
        }
    } catch (const Verdict& verdict) {
        result = {verdict.outcome, verdict.what(), {}};
    } catch (const std::exception& error) {
        result = {Outcome::failed, error.what(), {}};
    }
    return result;
}

void serve_child(std::string_view name, const Context& given, int descriptor) {
    // The child dies plainly: no core file, and no handler of a sanitizer or library that reports first.
    const rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
        std::signal(number, SIG_DFL);
    }
    Context context = given;
    context.step = [descriptor](const std::string& what) {
        std::array<char, step_bytes> text{};
        what.copy(text.data(), text.size() - 1);
        static_cast<void>(!pwrite(descriptor, text.data(), text.size(), 0));
    };
    ChildResult result{Outcome::failed, "no such check", {}};
    for (const Check& check : all_checks()) {
        if (check.name == name) {
            result = run_here(check, context);
        }
    }
    Json json = {{"outcome", to_text(result.outcome)}, {"text", result.text}, {"plugins", Json::array()}};
    for (const Listed& one : result.plugins) {
        json["plugins"].push_back({{"kind", static_cast<int>(one.kind)},
                                   {"id", one.id},
                                   {"parameters", one.parameters},
                                   {"wrong_parameter", one.wrong_parameter}});
    }
    const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t wrote =
            pwrite(descriptor, text.data() + done, text.size() - done, static_cast<off_t>(step_bytes + done));
        if (wrote <= 0) {
            _exit(126);
        }
        done += static_cast<std::size_t>(wrote);
    }
    _exit(0);
}

ChildResult run_in_child(const Check& check, const Context& context) {
    const File result("sotto-check-result");
    const File output("sotto-check-output");
    std::array<int, 2> life{};
    if (pipe2(life.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error(std::string("cannot make a pipe: ") + std::strerror(errno));
    }
    const std::vector<std::string> arguments = child_arguments(check, context, result.descriptor());
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child < 0) {
        close(life[0]);
        close(life[1]);
        throw std::runtime_error(std::string("cannot make a process: ") + std::strerror(errno));
    }
    if (child == 0) {
        fcntl(life[1], F_SETFD, 0);
        become_child(arguments, output.descriptor());
    }
    close(life[1]);
    const bool ended = wait_for_end(life[0], context.timeout_seconds);
    close(life[0]);
    if (!ended) {
        kill(child, SIGKILL);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    kill(-child, SIGKILL);  // what it started and did not end

    const std::string step = result.read(0, step_bytes).c_str();
    const std::string during = step.empty() ? "" : " while: " + step;
    std::string said = output.read(0, 300);
    std::ranges::replace(said, '\n', ' ');
    const std::string quoted = said.empty() ? "" : "; it said: " + said;
    const std::string text = result.read(step_bytes, std::size_t{1} << 24);
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_object() && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        ChildResult made{parse_outcome(json.at("outcome")), json.at("text"), {}};
        for (const Json& one : json.at("plugins")) {
            made.plugins.push_back({static_cast<plugin::Kind>(one.at("kind").get<int>()), one.at("id"),
                                    one.at("parameters"), one.at("wrong_parameter")});
        }
        return made;
    }
    if (!ended) {
        char seconds[32];
        std::snprintf(seconds, sizeof seconds, "%g", context.timeout_seconds);
        return {Outcome::failed, std::string("timed out: no end after ") + seconds + " s" + during, {}};
    }
    if (WIFSIGNALED(status)) {
        return {Outcome::crashed, signal_text(WTERMSIG(status)) + during + quoted, {}};
    }
    return {Outcome::crashed,
            "the process was ended with exit code " + std::to_string(WEXITSTATUS(status)) + during + quoted,
            {}};
}

}  // namespace sotto::check
