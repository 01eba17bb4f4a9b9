// SPDX-License-Identifier: Apache-2.0
#include "tools/command_line/unfinished_work.hpp"

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string>

#include "engine/plugin/border_call.hpp"

namespace sotto::tools {
namespace {

std::atomic<pid_t> worker{0};  // the process that has unfinished work, or 0
const char* worker_program = "";
const char* worker_hint = "";

bool is_unfinished() {
    return worker.load() == getpid();
}

[[noreturn]] void refuse(const std::string& who, const char* function) {
    const std::string text =
        std::string(worker_program) + ": " + who + " called " + function + "; " + worker_hint + '\n';
    static_cast<void>(!write(STDERR_FILENO, text.data(), text.size()));
    end_process(1);
}

// exit and quick_exit come here through their handlers, which do not know the caller.
void on_exit() {
    if (is_unfinished()) {
        refuse("something", "exit");
    }
}

[[noreturn]] void on_underscore_exit(int code, const char* function, const void* caller) {
    if (is_unfinished()) {
        Dl_info object{};
        const bool is_known = dladdr(caller, &object) != 0 && object.dli_fname != nullptr;
        refuse(is_known ? object.dli_fname : "something", function);
    }
    end_process(code);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

// Nothing but write: the plug-in may hold any lock.
extern "C" void on_crash(int number) {
    const plugin::BorderCrossing* const within = plugin::BorderCrossing::current();
    if (within == nullptr) {
        return;  // SA_RESETHAND: what crashed does so again, for good
    }
    const char* const name = sigabbrev_np(number);
    const char* const hint = is_unfinished() ? worker_hint : "the work was done";
    for (const char* part : {worker_program, ": ", within->who(), " crashed in ", within->function(), " with SIG",
                             name == nullptr ? "NAL" : name, "; ", hint, "\n"}) {
        static_cast<void>(!write(STDERR_FILENO, part, strlen(part)));
    }
}

void name_crashes() {
    if (is_sanitized) {
        return;  // they report crashes themselves
    }
    struct sigaction action {};
    action.sa_handler = on_crash;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_ONSTACK | SA_NODEFER);
    sigemptyset(&action.sa_mask);
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
        struct sigaction before {};
        if (sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_DFL) {
            sigaction(number, &action, nullptr);
        }
    }
}

}  // namespace

UnfinishedWork::UnfinishedWork(const char* program, const char* hint) {
    static const bool is_registered = [] {
        std::atexit(on_exit);
        at_quick_exit(on_exit);
        return true;
    }();
    static_cast<void>(is_registered);
    worker_program = program;
    worker_hint = hint;
    worker = getpid();
    name_crashes();
}

UnfinishedWork::~UnfinishedWork() {
    worker = 0;
}

int conclude(int code) noexcept {
    if (is_sanitized) {
        return code;
    }
    std::fflush(nullptr);
    end_process(code);
}

void end_process(int code) noexcept {
    while (true) {
        syscall(SYS_exit_group, code);
    }
}

}  // namespace sotto::tools

// The dynamic linker looks into the program first, so that these stand before the C library's for every library that is
// loaded. No handler runs for them, hence no other way to notice.
extern "C" {
// NOLINTNEXTLINE(bugprone-reserved-identifier): the C library's name is what is to be found
[[gnu::visibility("default")]] void _exit(int code) {
    sotto::tools::on_underscore_exit(code, "_exit", __builtin_return_address(0));
}
// NOLINTNEXTLINE(bugprone-reserved-identifier): as above
[[gnu::visibility("default")]] void _Exit(int code) noexcept {
    sotto::tools::on_underscore_exit(code, "_Exit", __builtin_return_address(0));
}
}
