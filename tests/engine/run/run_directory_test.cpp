// SPDX-License-Identifier: Apache-2.0
#include "engine/run/run_directory.hpp"

#include <optional>

#include "tests/engine/run/scratch_directory.hpp"
#include "tests/support/catch.hpp"

namespace sotto::run {
namespace {

using namespace test;
using sotto::matchers::contains_text;

}  // namespace

TEST_CASE("A new run directory is made with its parents, or taken where it is empty") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "a" / "b";
    CHECK(RunDirectory::create(path).path() == path);
    CHECK(std::filesystem::is_directory(path));
    CHECK_NOTHROW(RunDirectory::create(path));
}

TEST_CASE("A directory that holds something is not taken for a new run") {
    const ScratchDirectory scratch;
    put(scratch.path() / "note", "mine");
    CHECK_THROWS_WITH(RunDirectory::create(scratch.path()),
                      contains_text(scratch.path().string() + ": the directory is not empty"));
    CHECK_THROWS_WITH(RunDirectory::create(scratch.path() / "note"),
                      contains_text("note: found a file, expected a directory"));
    CHECK(content(scratch.path() / "note") == "mine");
}

TEST_CASE("A directory that cannot be made is an error with path and reason") {
    const ScratchDirectory scratch;
    put(scratch.path() / "file", "x");
    CHECK_THROWS_WITH(RunDirectory::create(scratch.path() / "file" / "sub"),
                      contains_text("file/sub: the directory cannot be made: Not a directory"));
    CHECK_THROWS_WITH(RunDirectory::create_default(scratch.path() / "file" / "runs", "space", 1),
                      contains_text("file/runs: the directory cannot be made: Not a directory"));
}

TEST_CASE("Default names carry the configuration's stem and the seed, and count on") {
    const ScratchDirectory scratch;
    const auto runs = scratch.path() / "runs";
    CHECK(RunDirectory::create_default(runs, "squeezenet_space", 7).path() == runs / "squeezenet_space-7");
    CHECK(RunDirectory::create_default(runs, "squeezenet_space", 7).path() == runs / "squeezenet_space-7-2");
    CHECK(RunDirectory::create_default(runs, "squeezenet_space", 7).path() == runs / "squeezenet_space-7-3");
    CHECK(RunDirectory::create_default(runs, "squeezenet_space", 8).path() == runs / "squeezenet_space-8");
}

TEST_CASE("Only a run's directory is opened again") {
    const ScratchDirectory scratch;
    CHECK_THROWS_WITH(RunDirectory::open(scratch.path() / "none"),
                      contains_text("none: not a run directory: No such file"));
    CHECK_THROWS_WITH(RunDirectory::open(scratch.path()), contains_text("it holds no run.db"));
    put(scratch.path() / "run.db", "");
    CHECK_THROWS_WITH(RunDirectory::open(scratch.path() / "run.db"),
                      contains_text("found a file, expected a run directory"));
    CHECK(RunDirectory::open(scratch.path()).database() == scratch.path() / "run.db");
}

TEST_CASE("A run that is being written is not opened a second time") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "run";
    {
        std::optional<RunDirectory> first = RunDirectory::create(path);
        put(path / "run.db", "");
        CHECK_THROWS_WITH(RunDirectory::open(path), contains_text("another program is writing this run"));
        const RunDirectory copy = *first;
        first.reset();
        CHECK_THROWS_WITH(RunDirectory::open(path), contains_text("another program is writing this run"));
    }
    CHECK_NOTHROW(RunDirectory::open(path));
}

TEST_CASE("Files are written with their directories, replaced, and read") {
    const ScratchDirectory scratch;
    const RunDirectory directory = RunDirectory::create(scratch.path() / "run");
    const std::string bytes = std::string("a\0b\n", 4) + std::string(200000, 'z');
    directory.write_file("best/01/network.yaml", bytes);
    CHECK(content(scratch.path() / "run/best/01/network.yaml") == bytes);
    directory.write_file("best/01/network.yaml", "short");
    CHECK(directory.read_file("best/01/network.yaml") == "short");
    CHECK_THROWS_WITH(directory.read_file("config.yaml"), contains_text("config.yaml: cannot be read: No such file"));
    put(scratch.path() / "run" / "file", "x");
    CHECK_THROWS_AS(directory.write_file("file/sub.csv", "x"), RunError);
    std::filesystem::create_directory(scratch.path() / "run" / "taken");
    CHECK_THROWS_WITH(directory.write_file("taken", "x"), contains_text("taken: cannot be written: Is a directory"));
}

}  // namespace sotto::run
