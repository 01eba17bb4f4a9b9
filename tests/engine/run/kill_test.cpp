// SPDX-License-Identifier: Apache-2.0
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

// Runs `work` in a child that then kills itself as `kill -9` does: no destructor, no flush.
template <typename Work>
bool killed_after(Work&& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            work();
        } catch (...) {
            ::_exit(1);
        }
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

void append(Store& store, std::uint64_t id) {
    const evaluate::Evaluation row = evaluation(id, 1.0 / static_cast<double>(id));
    store.append(candidate(id, id), &row);
}

void check_holds(const Store& store, std::uint64_t from, std::uint64_t to) {
    const auto candidates = store.candidates();
    REQUIRE(candidates.size() >= to);
    for (std::uint64_t id = from; id <= to; ++id) {
        REQUIRE(candidates[id - 1].id == id);
        evaluate::Evaluation row;
        REQUIRE(store.find({id, ~id}, row));
        REQUIRE(row.metrics[1] == 1.0 / static_cast<double>(id));
    }
}

}  // namespace

TEST_CASE("After kill -9 everything committed is readable, and the run can be gone on with") {
    for (const std::uint64_t count : {1U, 2U, 100U, 3000U}) {
        const ScratchDirectory scratch;
        const auto path = scratch.path() / "run.db";
        REQUIRE(killed_after([&] {
            static Store store = Store::create(path, {{"seed", "1"}}, two_metrics);
            for (std::uint64_t id = 1; id <= count; ++id) {
                append(store, id);
            }
            store.flush();
            append(store, count + 1);
        }));
        {
            const Store reader = Store::open(path, Store::Access::read_only);
            check_holds(reader, 1, count);
        }
        Store store = Store::open(path);
        check_holds(store, 1, count);
        CHECK(store.candidates().size() <= count + 1);
        // Replayed and gone on.
        for (std::uint64_t id = 1; id <= count + 10; ++id) {
            append(store, id);
        }
        store.flush();
        check_holds(store, 1, count + 10);
        CHECK(store.evaluation_count() == count + 10);
    }
}

TEST_CASE("A generation and an event are committed with everything before them") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "run.db";
    REQUIRE(killed_after([&] {
        static Store store = Store::create(path, {}, two_metrics);
        append(store, 1);
        store.finish_generation({0, 1, 1, 1, 0.5, 0.1});
        append(store, 2);
        store.append_event("warning", "x");
    }));
    const Store store = Store::open(path);
    check_holds(store, 1, 2);
    CHECK(store.generations().size() == 1);
    CHECK(store.events().size() == 1);
}

TEST_CASE("Killed inside a transaction, the database holds what was committed before it") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "run.db";
    REQUIRE(killed_after([&] {
        static Store store = Store::create(path, {}, two_metrics);
        append(store, 1);
        store.flush();
        // Faster than commits can follow: some of these are in a transaction that is open when the process ends.
        for (std::uint64_t id = 2; id <= 5000; ++id) {
            append(store, id);
        }
    }));
    const Store store = Store::open(path);
    const auto candidates = store.candidates();
    REQUIRE(!candidates.empty());
    check_holds(store, 1, candidates.size());
    CHECK(store.evaluation_count() == candidates.size());
}

TEST_CASE("A killed writer leaves no lock behind") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "run";
    REQUIRE(killed_after([&] {
        static const RunDirectory directory = RunDirectory::create(path);
        static Store store = Store::create(directory.database(), {}, two_metrics);
        append(store, 1);
        store.flush();
    }));
    const RunDirectory directory = RunDirectory::open(path);
    check_holds(Store::open(directory.database()), 1, 1);
}

TEST_CASE("A file that is being replaced when the process is killed is the old or the new one, whole") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "run";
    const std::string before(200000, 'a');
    const std::string after(300000, 'b');
    {
        const RunDirectory directory = RunDirectory::create(path);
        directory.write_file("pareto.csv", before);
    }
    // Left by a process killed before the rename.
    put(path / "pareto.csv.partial", after.substr(0, 1000));
    CHECK(content(path / "pareto.csv") == before);
    put(path / "run.db", "");
    const RunDirectory directory = RunDirectory::open(path);
    directory.write_file("pareto.csv", after);
    CHECK(content(path / "pareto.csv") == after);
    CHECK_FALSE(std::filesystem::exists(path / "pareto.csv.partial"));
}

}  // namespace sotto::run
