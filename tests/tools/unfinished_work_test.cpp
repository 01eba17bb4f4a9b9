// SPDX-License-Identifier: Apache-2.0
#include "tools/command_line/unfinished_work.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <initializer_list>

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
