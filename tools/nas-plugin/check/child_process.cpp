// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/check/child_process.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/plugin/argument_check.hpp"
#include "engine/plugin/error_text.hpp"
#include "tools/nas-plugin/check/library_under_test.hpp"
#include "tools/nas-plugin/check/process_group.hpp"

namespace sotto::check {
namespace {

using Json = nlohmann::json;

// The result file, which the child maps: first the step that is under way, then the result, each ended by a NUL. The
// first survives a crash, and the map a plug-in that closes descriptors.
constexpr std::size_t step_bytes = 1024;
constexpr std::size_t result_bytes = std::size_t{32} << 20;

class File {
  public:
    explicit File(const char* name) {
        const int made = memfd_create(name, 0);
        // Above the standard streams, which a plug-in may have closed.
        descriptor_ = made < 0 ? made : fcntl(made, F_DUPFD, least_descriptor);
        if (descriptor_ < 0) {
            throw std::runtime_error(std::string("cannot make a file in memory: ") + std::strerror(errno));
        }
        close(made);
    }
    ~File() { close(descriptor_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    int descriptor() const noexcept { return descriptor_; }
    /// From `offset` to the first NUL, at most so many bytes.
    std::string read(std::size_t offset, std::size_t most) const {
        std::string text;
        std::array<char, 4096> part{};
        while (text.size() < most) {
            const ssize_t got = pread(descriptor_, part.data(), std::min(part.size(), most - text.size()),
                                      static_cast<off_t>(offset + text.size()));
            const std::size_t length = got <= 0 ? 0 : strnlen(part.data(), static_cast<std::size_t>(got));
            text.append(part.data(), length);
            if (length < part.size()) {
                break;
            }
        }
        return text;
    }

  private:
    static constexpr int least_descriptor = 10;

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

// A plug-in that takes memory without bound ends its own check, not the machine.
void limit_memory() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they map terabytes that they do not use
    const auto half = static_cast<rlim_t>(sysconf(_SC_PHYS_PAGES)) / 2 * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
    rlimit data{};
    getrlimit(RLIMIT_DATA, &data);
    data.rlim_cur = std::min(data.rlim_cur, half);
    setrlimit(RLIMIT_DATA, &data);
#endif
}

char* map_result(int descriptor) {
    void* const map = mmap(nullptr, step_bytes + result_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (map == MAP_FAILED) {
        throw std::runtime_error(std::string("cannot map the result: ") + std::strerror(errno));
    }
    close(descriptor);
    return static_cast<char*>(map);
}

// What a child wrote, or nothing where it wrote anything else.
std::optional<ChildResult> parse_result(const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    try {
        ChildResult made{parse_outcome(json.at("outcome")), json.at("text"), {}};
        for (const Json& one : json.at("plugins")) {
            made.plugins.push_back({static_cast<plugin::Kind>(one.at("kind").get<int>()), one.at("id"),
                                    one.at("parameters"), one.at("wrong_parameter")});
        }
        return made;
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

[[noreturn]] void become_child(const std::vector<std::string>& arguments, int output, Environment environment) {
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
    std::vector<char*> kept;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        if (environment == Environment::kept || text.starts_with("PATH=") || text.starts_with("HOME=") ||
            text.starts_with("LD_LIBRARY_PATH=") || text.find("SAN_OPTIONS=") != std::string_view::npos) {
            kept.push_back(*variable);
        }
    }
    kept.push_back(nullptr);
    execve("/proc/self/exe", pointers.data(), kept.data());
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
    limit_memory();
    char* const map = map_result(descriptor);
    Context context = given;
    context.step = [map](const std::string& what) {
        std::array<char, step_bytes> text{};
        what.copy(text.data(), text.size() - 1);
        std::memcpy(map, text.data(), text.size());
    };
    ChildResult result{Outcome::failed, "no such check", {}};
    bool is_over = true;
    if (name == results_check.name) {
        result = run_here(results_check, context);
    }
    for (const Check& check : all_checks()) {
        if (check.name == name) {
            result = run_here(check, context);
            is_over = !check.ends_process;
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
    if (text.size() >= result_bytes) {
        _exit(126);
    }
    text.copy(map + step_bytes, text.size());
    if (is_over) {
        _exit(0);
    }
    std::exit(0);
}

ChildResult run_in_child(const Check& check, const Context& context, Environment environment) {
    const File result("sotto-check-result");
    const File output("sotto-check-output");
    if (ftruncate(result.descriptor(), step_bytes + result_bytes) != 0) {
        throw std::runtime_error(std::string("cannot make room for a result: ") + std::strerror(errno));
    }
    const std::vector<std::string> arguments = child_arguments(check, context, result.descriptor());
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child < 0) {
        throw std::runtime_error(std::string("cannot make a process: ") + std::strerror(errno));
    }
    if (child == 0) {
        become_child(arguments, output.descriptor(), environment);
    }
    setpgid(child, child);  // whichever of the two is first
    const Ending ending = wait_for_end(child, context.timeout_seconds);
    kill_group(child);  // with what it started and did not end
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }

    const std::string step = result.read(0, step_bytes);
    const std::string during = step.empty() ? "" : " while: " + step;
    const std::string said = plugin::plain_text(output.read(0, 300).c_str());
    const std::string quoted = said.empty() ? "" : "; it said: " + said;
    if (ending == Ending::by_itself && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        if (auto made = parse_result(result.read(step_bytes, result_bytes))) {
            return std::move(*made);
        }
    }
    if (ending == Ending::too_many_processes) {
        return {Outcome::failed,
                "found more than " + std::to_string(most_processes) + " processes, expected none that is left" + during,
                {}};
    }
    if (ending == Ending::time_over) {
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
