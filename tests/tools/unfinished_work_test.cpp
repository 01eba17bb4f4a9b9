// SPDX-License-Identifier: Apache-2.0
#include "tools/command_line/unfinished_work.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <initializer_list>
#include <string>

#include "engine/plugin/border_call.hpp"
#include "tests/support/catch.hpp"

using sotto::tools::UnfinishedWork;

namespace {

using Ending = void (*)(int);

// -1: not by an exit.
int wait_for(pid_t child) {
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Exit code of a process in which `body` runs.
template <typename Body>
int exit_code_of(const Body& body) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        body();
        sotto::tools::end_process(99);
    }
    return wait_for(child);
}

void call_exit(int code) {
    std::exit(code);
}
void call_quick_exit(int code) {
    std::quick_exit(code);
}
void call_underscore_exit(int code) {
    _exit(code);
}
void call_capital_exit(int code) {
    std::_Exit(code);
}

}  // namespace

TEST_CASE("unfinished work turns every way of leaving into exit code 1") {
    for (const Ending end : {call_exit, call_quick_exit, call_underscore_exit, call_capital_exit}) {
        for (const int code : {0, 7}) {
            CHECK(exit_code_of([&] {
                      const UnfinishedWork unfinished("test", "");
                      end(code);
                  }) == 1);
        }
    }
}

TEST_CASE("a process without unfinished work ends as it is told") {
    for (const Ending end : std::initializer_list<Ending>{call_quick_exit, call_underscore_exit, call_capital_exit,
                                                          sotto::tools::end_process}) {
        CHECK(exit_code_of([&] { end(7); }) == 7);
        CHECK(exit_code_of([&] {
                  { const UnfinishedWork finished("test", ""); }
                  end(0);
              }) == 0);
    }
}

TEST_CASE("unfinished work leaves alone what the process forks and what it decides itself") {
    CHECK(exit_code_of([] {
              const UnfinishedWork unfinished("test", "");
              const pid_t child = fork();
              if (child == 0) {
                  _exit(5);
              }
              int status = 0;
              waitpid(child, &status, 0);
              sotto::tools::end_process(WIFEXITED(status) ? WEXITSTATUS(status) : 98);
          }) == 5);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a crash within a plug-in is named while work is unfinished and after") {
    for (const bool is_finished : {false, true}) {
        std::array<int, 2> pipe_ends{};
        REQUIRE(pipe(pipe_ends.data()) == 0);
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            std::signal(SIGSEGV, SIG_DFL);  // of the test framework
            dup2(pipe_ends[1], STDERR_FILENO);
            const auto crash = [] {
                const sotto::plugin::BorderCrossing crossing("cost model 'm'", "destroy");
                for (int again = 0; again < 2; ++again) {
                    std::raise(SIGSEGV);  // as a fault that the handler returns to
                }
            };
            {
                const UnfinishedWork unfinished("test", "all is saved");
                if (!is_finished) {
                    crash();
                }
            }
            crash();
            sotto::tools::end_process(99);
        }
        close(pipe_ends[1]);
        std::string said;
        std::array<char, 256> part{};
        for (ssize_t got = 0; (got = read(pipe_ends[0], part.data(), part.size())) > 0;) {
            said.append(part.data(), static_cast<std::size_t>(got));
        }
        close(pipe_ends[0]);
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        CHECK(WIFSIGNALED(status));
        CHECK(said == std::string("test: cost model 'm' crashed in destroy with SIGSEGV; ") +
                          (is_finished ? "the work was done" : "all is saved") + '\n');
    }
}
#endif
