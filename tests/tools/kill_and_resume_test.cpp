// SPDX-License-Identifier: Apache-2.0
// Runs that are killed at any moment, and databases as a loss of power leaves them, resumed: what they end in is
// compared byte by byte with a run that was never stopped. The moments are drawn; what is asserted holds at each.
// SOTTO_TEST_KILLS: how many runs are killed, 210 by default.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "search/strategy/strategy.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"
#include "tests/tools/stored_run.hpp"

using namespace sotto::tests;
using std::chrono::microseconds;

namespace {

// Shared memory where there is some: what counts is which writes were done, not how long a disk takes over them.
struct QuickFolders {
    QuickFolders() {
        if (access("/dev/shm", W_OK) == 0 && getenv("TMPDIR") == nullptr) {
            setenv("TMPDIR", "/dev/shm", 1);
        }
    }
} const quick_folders;

// A run under way, its event stream read by this process.
class Running {
  public:
    explicit Running(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), SOTTO_BINARY_DIRECTORY "/bin/nas-run");
        arguments.insert(arguments.end(), {"--events", "-", "--quiet"});
        std::vector<char*> pointers;
        for (std::string& argument : arguments) {
            pointers.push_back(argument.data());
        }
        pointers.push_back(nullptr);
        std::array<int, 2> ends{};
        REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
        process_ = fork();
        if (process_ == 0) {
            dup2(ends[1], STDOUT_FILENO);
            execv(pointers[0], pointers.data());
            _exit(127);
        }
        close(ends[1]);
        events_ = ends[0];
    }
    ~Running() {
        close(events_);
        kill_now();
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    // Waits until so many lines came, or no more will.
    void wait_for_lines(std::size_t count) {
        char byte = 0;
        while (lines_ < count && read(events_, &byte, 1) == 1) {
            lines_ += byte == '\n' ? 1 : 0;
        }
    }

    void kill_now() {
        if (process_ > 0) {
            kill(process_, SIGKILL);
            waitpid(process_, nullptr, 0);
            process_ = -1;
        }
    }

  private:
    pid_t process_ = -1;
    int events_ = -1;
    std::size_t lines_ = 0;
};

// A small run with duplicates, rejected candidates, a constraint, and stages behind it.
std::string write_configuration(const TemporaryFolder& folder) {
    std::string text = read_text(tiny_run);
    text += "constraints:\n  params: {max: 60000}\n";
    text += "stages:\n";
    text += "  - {id: probe, candidates: 9, by: accuracy.probe, weight: 1}\n";
    text += "  - {id: probe, candidates: 4, by: accuracy.probe, weight: 2}\n";
    write_text(folder / "run.yaml", text);
    return folder / "run.yaml";
}

std::vector<std::string> start_arguments(const std::string& config, std::string_view strategy, std::size_t threads,
                                         const std::string& directory, int evaluations) {
    return {config,
            "--plugin",
            probe_library,
            "--out",
            directory,
            "--strategy",
            std::string(strategy),
            "--threads",
            std::to_string(threads),
            "--evaluations",
            std::to_string(evaluations)};
}

void finish(const std::vector<std::string>& start, const std::string& directory, std::size_t threads) {
    // A run that was killed before it had a database is none yet.
    const bool begun = std::filesystem::exists(directory + "/run.db");
    const Outcome outcome = begun ? resume(directory, {"--threads", std::to_string(threads)}) : nas_run(start);
    CAPTURE(begun, outcome.errors);
    REQUIRE(outcome.exit_code == 0);
}

struct Expected {
    std::string files;
    std::string rows;
};

// What never stopped, by strategy. `threads` stands in config.yaml alone.
Expected expected_of(const std::vector<std::string>& start, const std::string& directory) {
    const Outcome outcome = nas_run(start);
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    return {files_of(directory), rows_of(directory)};
}

constexpr std::array<std::size_t, 3> thread_counts = {1, 2, 4};

}  // namespace

TEST_CASE("runs that were killed at any moment end in the same bytes when they are resumed") {
    const TemporaryFolder folder;
    const std::string config = write_configuration(folder);
    const char* asked = std::getenv("SOTTO_TEST_KILLS");
    const int kills = asked != nullptr ? std::atoi(asked) : 210;
    const auto strategies = sotto::search::strategy_names();
    std::mt19937_64 draws(20);
    const auto below = [&](std::uint64_t count) {
        return std::uniform_int_distribution<std::uint64_t>(0, count - 1)(draws);
    };

    std::map<std::string, Expected> expected;
    std::map<std::string, std::string> rows_of_strategy;
    int before_database = 0;
    int unfinished = 0;
    for (int number = 0; number < kills; ++number) {
        const auto combination = static_cast<std::size_t>(number);
        const std::string strategy(strategies[combination % strategies.size()]);
        const std::size_t threads = thread_counts[combination / strategies.size() % thread_counts.size()];
        const std::string name = strategy + '-' + std::to_string(threads);
        CAPTURE(number, strategy, threads);
        if (expected.count(name) == 0) {
            expected[name] = expected_of(start_arguments(config, strategy, threads, folder / name, 120), folder / name);
            // Threads change nothing.
            const auto [first, is_first] = rows_of_strategy.try_emplace(strategy, expected[name].rows);
            REQUIRE((first->second == expected[name].rows));
        }
        const std::string directory = folder / "killed";
        const std::vector<std::string> start = start_arguments(config, strategy, threads, directory, 120);
        for (std::uint64_t times = 1 + below(3) / 2; times > 0; --times) {
            const bool begun = std::filesystem::exists(directory + "/run.db");
            Running run(begun ? std::vector<std::string>{"--resume", directory, "--threads", std::to_string(threads)}
                              : start);
            if (below(3) == 0) {
                std::this_thread::sleep_for(microseconds(below(60'000)));
            } else {
                run.wait_for_lines(1 + below(14));
                std::this_thread::sleep_for(microseconds(below(1500)));
            }
            run.kill_now();
            before_database += std::filesystem::exists(directory + "/run.db") ? 0 : 1;
            unfinished += std::filesystem::exists(directory + "/pareto.csv") ? 0 : 1;
        }
        finish(start, directory, threads);
        REQUIRE((files_of(directory) == expected[name].files));
        REQUIRE((rows_of(directory) == expected[name].rows));
        std::filesystem::remove_all(directory);
    }
    WARN(kills << " runs killed: " << before_database << " times before there was a database, " << unfinished
               << " times before there was a front");
}

namespace {

// What identifies the content of a write-ahead log since its last reset: the salts in its header.
std::string log_salts(const std::string& directory) {
    const std::string log = read_text(directory + "/run.db-wal");
    return log.size() >= 32 ? log.substr(16, 8) : "";
}

// The files of a database as the disk holds them when the power goes while a run writes: the log of a later instant
// than the database, since the log is flushed first, its tail torn, and an index of any time. False where the log began
// anew in between: then this copy is of no one moment.
template <typename Below>
bool copy_database(const std::string& from, const std::string& to, Below& below) {
    std::filesystem::create_directories(to);
    const std::string salts = log_salts(from);
    const auto copy = [&](const char* file) {
        std::error_code error;
        std::filesystem::copy_file(from + '/' + file, to + '/' + file, error);
        return !error;
    };
    const bool has_index = below(2) == 0 && copy("run.db-shm");
    if (!copy("run.db")) {
        return false;
    }
    std::this_thread::sleep_for(microseconds(below(300)));
    if (!salts.empty() && !copy("run.db-wal")) {
        return false;
    }
    if (!has_index && below(2) == 0) {
        copy("run.db-shm");
    }
    return !salts.empty() && log_salts(from) == salts && log_salts(to) == salts;
}

template <typename Below>
void tear(const std::string& log, Below& below) {
    std::string content = read_text(log);
    const std::uint64_t most = content.size() - 32;
    const std::uint64_t lost = below(std::min<std::uint64_t>(most + 1, 20'000));
    switch (below(4)) {
        case 0:  // the end was not written
            content.resize(content.size() - lost);
            break;
        case 1:  // the file grew before its content was written
            content.replace(content.size() - lost, lost, std::string(lost, '\0'));
            break;
        case 2:  // something else stood there before
            for (std::size_t at = content.size() - lost; at < content.size(); ++at) {
                content[at] = static_cast<char>(below(256));
            }
            break;
        default:
            break;
    }
    write_text(log, content);
}

}  // namespace

TEST_CASE("databases as a loss of power leaves them are resumed to the same bytes") {
    const TemporaryFolder folder;
    const std::string config = write_configuration(folder);
    std::mt19937_64 draws(21);
    const auto below = [&](std::uint64_t count) {
        return std::uniform_int_distribution<std::uint64_t>(0, count - 1)(draws);
    };
    constexpr int copies_of_each = 8;
    constexpr int evaluations = 480;
    for (const std::string_view strategy : sotto::search::strategy_names()) {
        CAPTURE(strategy);
        const std::string whole = folder / "whole";
        const Expected expected = expected_of(start_arguments(config, strategy, 2, whole, evaluations), whole);
        for (int copies = 0, tries = 0; copies < copies_of_each; ++tries) {
            REQUIRE(tries < 50 * copies_of_each);
            const std::string directory = folder / "run";
            const std::string copy = folder / "copy";
            bool is_copied = false;
            {
                Running run(start_arguments(config, strategy, 2, directory, evaluations));
                run.wait_for_lines(1 + below(30));
                is_copied = copy_database(directory, copy, below);
                run.kill_now();
            }
            if (is_copied) {
                ++copies;
                tear(copy + "/run.db-wal", below);
                {
                    CAPTURE(copies);
                    const Outcome outcome = resume(copy);
                    CAPTURE(outcome.errors);
                    REQUIRE(outcome.exit_code == 0);
                    REQUIRE((files_of(copy) == expected.files));
                    REQUIRE((rows_of(copy) == expected.rows));
                }
            }
            std::filesystem::remove_all(directory);
            std::filesystem::remove_all(copy);
        }
        std::filesystem::remove_all(whole);
    }
}
