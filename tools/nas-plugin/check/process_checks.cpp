// SPDX-License-Identifier: Apache-2.0
// A plug-in leaves the process as it found it.
#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "tools/nas-plugin/check/check.hpp"
#include "tools/nas-plugin/check/random_candidate.hpp"
#include "tools/nas-plugin/check/session.hpp"

namespace sotto::check {
namespace {

// One whole life: load, create, evaluate, destroy, deinit.
void live(const Context& context) {
    Bench bench(context);
    const auto candidates = small_candidates(context.seed, 4);
    const auto views = views_of(candidates);
    const auto session = bench.session();
    context.step("evaluating four candidates");
    static_cast<void>(session->evaluate(views));
    session->destroy();
}

std::string locale_kept(const Context& context) {
    const std::string before = std::setlocale(LC_ALL, nullptr);
    live(context);
    const std::string after = std::setlocale(LC_ALL, nullptr);
    if (after != before) {
        fail("found the locale '" + after + "', expected '" + before + '\'');
    }
    return {};
}

std::string floating_point_kept(const Context& context) {
    if (context.library.find('/') != std::string::npos) {
        context.step("loading the library");
        // LibraryUnderTest puts the modes back by itself.
        guarded("loading the library", [&] { dlopen(context.library.c_str(), RTLD_NOW | RTLD_LOCAL); });
        if (!changed_modes().empty()) {
            fail(
                "loading the library leaves the thread with another rounding, trap or denormal mode, expected it as "
                "found: link without -ffast-math");
        }
    }
    live(context);
    if (const std::string function = changed_modes(); !function.empty()) {
        fail(function + " returns with another rounding, trap or denormal mode of the thread, expected it as found");
    }
    return {};
}

std::string directory_kept(const Context& context) {
    const auto before = std::filesystem::current_path();
    live(context);
    const auto after = std::filesystem::current_path();
    if (after != before) {
        fail("found the working directory '" + after.string() + "', expected '" + before.string() + '\'');
    }
    return {};
}

std::string signals_kept(const Context& context) {
    const auto handlers = [] {
        std::map<int, void (*)(int)> all;
        for (int number = 1; number < NSIG; ++number) {
            struct sigaction action {};
            if (sigaction(number, nullptr, &action) == 0) {
                all[number] = action.sa_handler;
            }
        }
        return all;
    };
    sigset_t mask_before;
    sigset_t mask_after;
    sigprocmask(SIG_SETMASK, nullptr, &mask_before);
    const auto before = handlers();
    live(context);
    for (const auto& [number, handler] : handlers()) {
        if (handler != before.at(number)) {
            fail("found another handler of signal " + std::to_string(number) + ", expected it as before");
        }
    }
    sigprocmask(SIG_SETMASK, nullptr, &mask_after);
    for (int number = 1; number < NSIG; ++number) {
        if (sigismember(&mask_before, number) != sigismember(&mask_after, number)) {
            fail("found signal " + std::to_string(number) + " blocked or unblocked, expected it as before");
        }
    }
    return {};
}

std::string streams_kept(const Context& context) {
    const auto identity = [](int descriptor) {
        struct stat status {};
        return fstat(descriptor, &status) == 0 ? std::pair{status.st_dev, status.st_ino} : std::pair<dev_t, ino_t>{};
    };
    const std::array before = {identity(0), identity(1), identity(2)};
    live(context);
    for (int descriptor = 0; descriptor < 3; ++descriptor) {
        if (identity(descriptor) != before[static_cast<std::size_t>(descriptor)]) {
            fail("found standard stream " + std::to_string(descriptor) + " closed or replaced");
        }
    }
    return {};
}

struct Process {
    std::map<std::string, std::string> variables;
    std::map<int, rlimit> limits;
    std::map<int, itimerval> timers;
    mode_t mask = 0;
    int priority = 0;
    cpu_set_t processors{};
    std::terminate_handler terminate = nullptr;

    static Process now() {
        Process process;
        for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
            const std::string text = *variable;
            const std::size_t sign = text.find('=');
            process.variables[text.substr(0, sign)] = sign == std::string::npos ? "" : text.substr(sign + 1);
        }
        for (int limit = 0; limit < RLIM_NLIMITS; ++limit) {
            getrlimit(static_cast<__rlimit_resource_t>(limit), &process.limits[limit]);
        }
        for (const int timer : {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF}) {
            getitimer(static_cast<__itimer_which_t>(timer), &process.timers[timer]);
        }
        process.mask = umask(0);
        umask(process.mask);
        process.priority = getpriority(PRIO_PROCESS, 0);
        sched_getaffinity(0, sizeof process.processors, &process.processors);
        process.terminate = std::get_terminate();
        return process;
    }
};

std::string process_kept(const Context& context) {
    const Process before = Process::now();
    live(context);
    const Process after = Process::now();
    for (const auto& [name, value] : after.variables) {
        const auto found = before.variables.find(name);
        if (found == before.variables.end() || found->second != value) {
            fail("found the environment variable " + name + " set to '" + value +
                 "', expected the environment as before");
        }
    }
    if (after.variables.size() != before.variables.size()) {
        fail("found an environment variable removed, expected the environment as before");
    }
    for (const auto& [limit, values] : after.limits) {
        if (values.rlim_cur != before.limits.at(limit).rlim_cur ||
            values.rlim_max != before.limits.at(limit).rlim_max) {
            fail("found resource limit " + std::to_string(limit) + " (setrlimit) changed, expected it as before");
        }
    }
    for (const auto& [timer, value] : after.timers) {
        if (value.it_value.tv_sec != 0 || value.it_value.tv_usec != 0) {
            fail("found a timer running (alarm or setitimer), whose signal would end the program; expected none");
        }
    }
    if (after.mask != before.mask) {
        char text[80];
        std::snprintf(text, sizeof text, "found the umask %03o, expected %03o", after.mask, before.mask);
        fail(text);
    }
    if (after.priority != before.priority) {
        fail("found the priority " + std::to_string(after.priority) + ", expected " + std::to_string(before.priority));
    }
    if (CPU_EQUAL(&after.processors, &before.processors) == 0) {
        fail("found the thread on other processors (sched_setaffinity), expected those of before");
    }
    if (after.terminate != before.terminate) {
        fail("found another terminate handler, expected it as before");
    }
    return {};
}

// Files that a plug-in has no business with, open throughout.
class OpenFiles {
  public:
    OpenFiles() {
        for (int& descriptor : descriptors_) {
            descriptor = memfd_create("sotto-open", MFD_CLOEXEC);
            static_cast<void>(!write(descriptor, content.data(), content.size()));
        }
        struct stat status {};
        for (std::size_t i = 0; i < descriptors_.size(); ++i) {
            fstat(descriptors_[i], &status);
            files_[i] = status.st_ino;
        }
    }
    ~OpenFiles() {
        for (const int descriptor : descriptors_) {
            close(descriptor);
        }
    }
    OpenFiles(const OpenFiles&) = delete;
    OpenFiles& operator=(const OpenFiles&) = delete;

    void expect_kept() const {
        for (std::size_t i = 0; i < descriptors_.size(); ++i) {
            struct stat status {};
            if (fstat(descriptors_[i], &status) != 0 || status.st_ino != files_[i]) {
                fail("found a file that the program had open closed or replaced, expected it as before");
            }
            if (status.st_size != static_cast<off_t>(content.size()) ||
                lseek(descriptors_[i], 0, SEEK_CUR) != status.st_size) {
                fail("found a file that the program had open read, written or moved within, expected it as before");
            }
        }
    }

  private:
    static constexpr std::string_view content = "kept";
    std::array<int, 8> descriptors_{};
    std::array<ino_t, 8> files_{};
};

std::string descriptors_kept(const Context& context) {
    const OpenFiles files;
    live(context);
    files.expect_kept();
    return {};
}

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::string no_descriptor_left(const Context& context) {
    constexpr int lives = 5;
    live(context);  // what is opened once and for all
    const std::size_t before = open_descriptors();
    for (int life = 0; life < lives; ++life) {
        live(context);
    }
    const std::size_t after = open_descriptors();
    if (after > before) {
        fail("found " + std::to_string(after - before) + " more file descriptors open after " + std::to_string(lives) +
             " lives from init to deinit with four evaluations each, expected as many as after the first");
    }
    return {};
}

std::string no_process_left(const Context& context) {
    // What a child leaves behind becomes a child of this process.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    live(context);
    int status = 0;
    const pid_t child = waitpid(-1, &status, WNOHANG);
    if (child >= 0) {
        fail(child > 0 ? "found a process that was started and not waited for, expected none"
                       : "found a process that was started and runs on, expected none");
    }
    return {};
}

std::string ends_cleanly(const Context& context) {
    live(context);
    context.step("ending the process, after deinit: destructors and exit handlers of the library");
    return {};
}

std::string no_output(const Context& context) {
    const int file = memfd_create("sotto-output", MFD_CLOEXEC);
    if (file < 0) {
        skip("the system gives no file in memory");
    }
    std::fflush(nullptr);
    const std::array saved = {fcntl(1, F_DUPFD_CLOEXEC, 3), fcntl(2, F_DUPFD_CLOEXEC, 3)};
    const auto give_back = [&] {
        std::fflush(nullptr);
        for (int stream = 0; stream < 2; ++stream) {
            dup2(saved[static_cast<std::size_t>(stream)], stream + 1);
            close(saved[static_cast<std::size_t>(stream)]);
        }
    };
    dup2(file, 1);
    dup2(file, 2);
    try {
        live(context);
    } catch (...) {
        give_back();
        close(file);
        throw;
    }
    give_back();
    std::array<char, 200> text{};
    const ssize_t length = pread(file, text.data(), text.size() - 1, 0);
    close(file);
    if (length > 0) {
        std::string begun(text.data(), static_cast<std::size_t>(length));
        warn("wrote to a standard stream, expected sotto_host.log: '" + begun.substr(0, begun.find('\n')) + '\'');
    }
    return {};
}

constexpr Check checks[] = {
    {"locale-kept", "The locale is as it was.", Scope::plugin, "creates-with-defaults evaluates", locale_kept},
    {"floating-point-kept",
     "Rounding, traps and denormal modes of the calling thread are as they were after each call, and after loading.",
     Scope::plugin, "creates-with-defaults evaluates", floating_point_kept},
    {"directory-kept", "The working directory is as it was.", Scope::plugin, "creates-with-defaults evaluates",
     directory_kept},
    {"signals-kept", "Signal handlers and the signal mask are as they were.", Scope::plugin,
     "creates-with-defaults evaluates", signals_kept},
    {"streams-kept", "The standard streams are as they were.", Scope::plugin, "creates-with-defaults evaluates",
     streams_kept},
    {"descriptors-kept", "Files that the program has open stay open and as they are.", Scope::plugin,
     "creates-with-defaults evaluates", descriptors_kept},
    {"no-descriptor-left", "Files that the plug-in opens are closed again.", Scope::plugin,
     "creates-with-defaults evaluates", no_descriptor_left},
    {"no-process-left", "Processes that the plug-in starts have ended and were waited for.", Scope::plugin,
     "creates-with-defaults evaluates", no_process_left},
    {"process-kept", "Environment, limits, timers, umask, priority, processors and terminate handler are as they were.",
     Scope::plugin, "creates-with-defaults evaluates", process_kept},
    {"ends-cleanly", "After deinit the process can end: nothing of the library crashes, hangs or ends it otherwise.",
     Scope::plugin, "creates-with-defaults evaluates", ends_cleanly, true},
    {"no-output", "Nothing is written to the standard streams (warning).", Scope::plugin,
     "creates-with-defaults evaluates", no_output},
};

}  // namespace

std::span<const Check> process_checks() {
    return checks;
}

}  // namespace sotto::check
