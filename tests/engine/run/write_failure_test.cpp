// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "engine/run/run_directory.hpp"
#include "engine/run/store.hpp"
#include "tests/engine/run/scratch_directory.hpp"
#include "tests/engine/run/stored_rows.hpp"
#include "tests/support/catch.hpp"

namespace sotto::run {
namespace {

using namespace test;
using sotto::matchers::contains_text;

// Runs `work` in a child whose files may not grow beyond `bytes`: writing more fails, as on a full disk. `work` returns
// true where all was as expected.
template <typename Work>
bool true_with_file_limit(rlim_t bytes, Work&& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{bytes, bytes};
        bool good = ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
        try {
            good = good && work();
        } catch (...) {
            good = false;
        }
        ::_exit(good ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("A disk that fills is an error with path and reason, stays one, and what was saved is readable") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "run.db";
    int to_parent[2];
    REQUIRE(::pipe(to_parent) == 0);
    REQUIRE(true_with_file_limit(400000, [&] {
        Store store = Store::create(path, {}, two_metrics);
        std::uint64_t id = 1;
        std::string text;
        try {
            for (; id <= 100000; ++id) {
                const evaluate::Evaluation row = evaluation(id);
                store.append(candidate(id, id), &row);
                store.flush();
                // What flush() promised.
                if (::write(to_parent[1], &id, sizeof id) != sizeof id) {
                    return false;
                }
                if (id > 3000) {
                    break;
                }
            }
        } catch (const RunError& error) {
            text = error.what();
        }
        const bool named = text.find(path.string()) == 0 && text.find("cannot be written") != std::string::npos &&
                           (text.find("File too large") != std::string::npos || text.find("full") != std::string::npos);
        bool again = false;
        try {
            store.append_event("run_finished", "failed");
        } catch (const RunError& error) {
            again = error.what() == text;
        }
        return named && again && !store.candidates().empty();
    }));
    ::close(to_parent[1]);
    std::uint64_t promised = 0;
    std::uint64_t id = 0;
    while (::read(to_parent[0], &id, sizeof id) == sizeof id) {
        promised = id;
    }
    ::close(to_parent[0]);
    CHECK(promised > 10);
    const Store store = Store::open(path);
    const auto candidates = store.candidates();
    CHECK(candidates.size() >= promised);
    for (std::uint64_t i = 1; i <= promised; ++i) {
        evaluate::Evaluation row;
        REQUIRE(store.find({i, ~i}, row));
    }
}

TEST_CASE("A file that does not fit leaves the one before and no remains") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "run";
    { RunDirectory::create(path).write_file("pareto.csv", "id\n1\n"); }
    put(path / "run.db", "");
    REQUIRE(true_with_file_limit(1000, [&] {
        const RunDirectory directory = RunDirectory::open(path);
        std::string text;
        try {
            directory.write_file("pareto.csv", std::string(5000, 'x'));
        } catch (const RunError& error) {
            text = error.what();
        }
        return text == (path / "pareto.csv").string() + ": cannot be written: File too large";
    }));
    CHECK(content(path / "pareto.csv") == "id\n1\n");
    CHECK_FALSE(std::filesystem::exists(path / "pareto.csv.partial"));
}

TEST_CASE("A database that cannot be made is an error with its path") {
    const ScratchDirectory scratch;
    put(scratch.path() / "file", "x");
    CHECK_THROWS_WITH(Store::create(scratch.path() / "file" / "run.db", {}, two_metrics),
                      contains_text("file/run.db: cannot be opened: "));
    CHECK_THROWS_WITH(Store::create(scratch.path() / "missing" / "run.db", {}, two_metrics),
                      contains_text("missing/run.db: cannot be opened: "));
}

TEST_CASE("A read-only store refuses to write") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "run.db";
    Store::create(path, {}, two_metrics);
    Store store = Store::open(path, Store::Access::read_only);
    CHECK_THROWS_WITH(store.append_event("warning", "x"), contains_text("run.db: cannot be written: "));
}

}  // namespace sotto::run
