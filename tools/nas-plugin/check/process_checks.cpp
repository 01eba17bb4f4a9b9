// SPDX-License-Identifier: Apache-2.0
// A plug-in leaves the process as it found it.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>

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
    Bench bench(context);
    const auto candidates = small_candidates(context.seed, 4);
    const auto session = bench.session();
    const Call call = session->call(views_of(candidates));
    if (call.left_rounding_changed) {
        fail("evaluate_batch returns with another rounding, trap or denormal mode of the thread, expected it as found");
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
    {"floating-point-kept", "Rounding, traps and denormal modes of the calling thread are as they were.", Scope::plugin,
     "creates-with-defaults evaluates", floating_point_kept},
    {"directory-kept", "The working directory is as it was.", Scope::plugin, "creates-with-defaults evaluates",
     directory_kept},
    {"signals-kept", "Signal handlers and the signal mask are as they were.", Scope::plugin,
     "creates-with-defaults evaluates", signals_kept},
    {"streams-kept", "The standard streams are as they were.", Scope::plugin, "creates-with-defaults evaluates",
     streams_kept},
    {"no-output", "Nothing is written to the standard streams (warning).", Scope::plugin,
     "creates-with-defaults evaluates", no_output},
};

}  // namespace

std::span<const Check> process_checks() {
    return checks;
}

}  // namespace sotto::check
