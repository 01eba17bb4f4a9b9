// SPDX-License-Identifier: Apache-2.0
#include "engine/run/store.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <thread>

#include <SQLiteCpp/SQLiteCpp.h>

#include "engine/run/run_directory.hpp"
#include "tests/engine/run/scratch_directory.hpp"
#include "tests/engine/run/stored_rows.hpp"
#include "tests/support/catch.hpp"

namespace sotto::run {
namespace {

using namespace test;
using Status = evaluate::Evaluation::Status;
using sotto::matchers::contains_text;

}  // namespace

TEST_CASE("What is stored is read back, by the same store and by a later one") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "run.db";
    evaluate::Evaluation constrained = evaluation(8);
    constrained.status = Status::constrained;
    constrained.reason = "params 8 is over the limit 7";
    constrained.constraint_violation = 1.0 / 7;
    constrained.metrics[1] = std::numeric_limits<double>::quiet_NaN();
    evaluate::Evaluation rejected;
    rejected.status = Status::rejected;
    rejected.reason = "window 3x3 over 1x1";
    StoredCandidate without_network = candidate(3, 9);
    without_network.hash.reset();
    const StoredGeneration generation{0, 3, 2, 1, 0.1, 12.5};

    const auto check = [&](const Store& store) {
        CHECK(store.information() == std::map<std::string, std::string>{{"seed", "7"}, {"space", "squeeze 'net'"}});
        CHECK(store.metrics() == two_metrics);
        CHECK(store.evaluation_count() == 2);
        evaluate::Evaluation found;
        REQUIRE(store.find({8, ~std::uint64_t{8}}, found));
        CHECK(found.status == Status::constrained);
        CHECK(found.reason == constrained.reason);
        CHECK(found.constraint_violation == constrained.constraint_violation);
        CHECK(found.metrics.at(0) == 8);
        CHECK(std::isnan(found.metrics.at(1)));
        CHECK_FALSE(store.find({8, 8}, found));
        const auto candidates = store.candidates();
        REQUIRE(candidates.size() == 3);
        CHECK(candidates[1].id == 2);
        CHECK(candidates[1].genome == "width=8");
        CHECK(candidates[1].source == "child");
        CHECK(candidates[1].index == 2);
        CHECK(candidates[1].hash == arch::CanonicalHash{8, ~std::uint64_t{8}});
        CHECK_FALSE(candidates[2].hash.has_value());
        CHECK(candidates[2].rejection == "window 3x3 over 1x1");
        CHECK(store.generations() == std::vector<StoredGeneration>{generation});
        const auto events = store.events();
        REQUIRE(events.size() == 1);
        CHECK(events[0].kind == "warning");
        CHECK(events[0].text == "slow BLAS");
        CHECK(events[0].time.size() == std::string("2026-01-31T12:00:00.123Z").size());
    };
    {
        Store store = Store::create(path, {{"seed", "7"}}, two_metrics);
        const evaluate::Evaluation complete = evaluation(7);
        store.append(candidate(1, 7), &complete);
        store.append(candidate(2, 8), &constrained);
        store.append(without_network, &rejected);
        store.append_event("warning", "slow BLAS");
        store.finish_generation(generation);
        store.set_information("space", "squeeze 'net'");
        check(store);
    }
    check(Store::open(path));
    check(Store::open(path, Store::Access::read_only));
    CHECK_FALSE(std::filesystem::exists(scratch.path() / "run.db-wal"));
}

TEST_CASE("Complete candidates are gone through by id with the metrics asked for") {
    const ScratchDirectory scratch;
    Store store = Store::create(scratch.path() / "run.db", {}, two_metrics);
    const evaluate::Evaluation seven = evaluation(7, 2.5);
    const evaluate::Evaluation nine = evaluation(9, 0.5);
    evaluate::Evaluation constrained = evaluation(8);
    constrained.status = Status::constrained;
    store.append(candidate(3, 7), &seven);
    store.append(candidate(1, 9), &nine);
    store.append(candidate(2, 8), &constrained);
    store.append(candidate(4, 9), &nine);
    std::string text;
    store.for_each_complete(std::vector<std::size_t>{1, 0}, [&](std::uint64_t id, std::span<const double> values) {
        text += std::to_string(id) + ':' + std::to_string(values[0]) + ',' + std::to_string(values[1]) + ' ';
    });
    CHECK(text == "1:0.500000,9.000000 3:2.500000,7.000000 4:0.500000,9.000000 ");
}

TEST_CASE("A generation is stored with its operators and replaced with them") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "run.db";
    const StoredGeneration cut{4, 50, 47, 5, 1.25, 3.5, 2, 1, 0, 1, 0, 0, 20};
    const StoredGeneration whole{4, 60, 55, 6, 1.5, 4.5, 12, 3, 2, 1, 1, 1, 10};
    const std::vector<StoredOperator> credit = {{"mutation", 0.25, 40, 3}, {"crossover", 0.75, 20, 9}};
    {
        Store store = Store::create(path, {}, two_metrics);
        store.finish_generation(cut,
                                std::vector<StoredOperator>{{"a", 0.5, 1, 1}, {"b", 0.25, 1, 0}, {"c", 0.25, 0, 0}});
        CHECK(store.generations() == std::vector<StoredGeneration>{cut});
        CHECK(store.operators(4).size() == 3);
        store.finish_generation(whole, credit);
    }
    const Store store = Store::open(path, Store::Access::read_only);
    CHECK(store.generations() == std::vector<StoredGeneration>{whole});
    CHECK(store.operators(4) == credit);
    CHECK(store.operators(3).empty());
}

TEST_CASE("A run that was killed while it made its database can be made again") {
    const ScratchDirectory scratch;
    std::filesystem::create_directory(scratch.path() / "run");
    put(scratch.path() / "run" / "run.db.partial", "half a database");
    REQUIRE(std::filesystem::exists(scratch.path() / "run" / "run.db.partial"));
    CHECK(RunDirectory::is_free(scratch.path() / "run"));
    const RunDirectory directory = RunDirectory::create(scratch.path() / "run");
    Store::create(directory.database(), {}, two_metrics);
    CHECK(Store::open(directory.database()).candidate_count() == 0);
    CHECK_FALSE(std::filesystem::exists(scratch.path() / "run" / "run.db.partial"));
    CHECK_FALSE(RunDirectory::is_free(scratch.path() / "run"));
}

TEST_CASE("Every finite double is read back bit by bit") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "run.db";
    using Limits = std::numeric_limits<double>;
    const std::vector<double> values = {0.1,
                                        1.0 / 3,
                                        Limits::max(),
                                        Limits::lowest(),
                                        Limits::min(),
                                        Limits::denorm_min(),
                                        1e22,
                                        9007199254740993.0,
                                        1e300,
                                        -123456789.125,
                                        5.0,
                                        Limits::epsilon(),
                                        std::nextafter(1.0, 2.0)};
    {
        Store store = Store::create(path, {}, two_metrics);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const evaluate::Evaluation row = evaluation(i, values[i]);
            store.append(candidate(i + 1, i), &row);
        }
    }
    const Store store = Store::open(path);
    for (std::size_t i = 0; i < values.size(); ++i) {
        evaluate::Evaluation row;
        REQUIRE(store.find({i, ~std::uint64_t{i}}, row));
        CHECK(std::bit_cast<std::uint64_t>(row.metrics[1]) == std::bit_cast<std::uint64_t>(values[i]));
    }
}

TEST_CASE("Appending again changes nothing, except that a failure gives way") {
    const ScratchDirectory scratch;
    Store store = Store::create(scratch.path() / "run.db", {}, two_metrics);
    evaluate::Evaluation failed = evaluation(5);
    failed.status = Status::failed;
    failed.reason = "cost model 'x': exploded";
    const evaluate::Evaluation good = evaluation(5, 2.5);
    const evaluate::Evaluation other = evaluation(5, 99);
    evaluate::Evaluation found;

    store.append(candidate(1, 5), &failed);
    store.append(candidate(1, 5), &good);
    REQUIRE(store.find(good.hash, found));
    CHECK(found.status == Status::complete);
    CHECK(found.reason.empty());
    CHECK(found.metrics == good.metrics);

    store.append(candidate(2, 5), &other);
    REQUIRE(store.find(good.hash, found));
    CHECK(found.metrics == good.metrics);
    CHECK(store.candidates().size() == 2);
    CHECK(store.evaluation_count() == 1);
}

TEST_CASE("A candidate with another genome under a known id is refused, and the store goes on") {
    const ScratchDirectory scratch;
    Store store = Store::create(scratch.path() / "run.db", {}, two_metrics);
    const evaluate::Evaluation row = evaluation(5);
    store.append(candidate(1, 5), &row);
    CHECK_THROWS_WITH(
        store.append(candidate(1, 6), &row),
        contains_text("run.db: this is another run: candidate 1 is stored as 'width=5', found 'width=6'"));
    // Of long genomes, what differs.
    sotto::run::StoredCandidate longer = candidate(2, 5);
    longer.genome = "depth=3 width=5 kernel=7";
    store.append(longer, &row);
    longer.genome = "depth=3 width=6 kernel=7";
    CHECK_THROWS_WITH(store.append(longer, &row), contains_text("candidate 2 is stored as 'width=5', found 'width=6'"));
    longer.genome = "depth=3 width=5";
    CHECK_THROWS_WITH(store.append(longer, &row), contains_text("candidate 2 is stored as 'kernel=7', found ''"));
    store.append_event("run_finished", "failed");
    CHECK(store.events().size() == 1);
}

TEST_CASE("Candidates can be appended from several threads") {
    const ScratchDirectory scratch;
    Store store = Store::create(scratch.path() / "run.db", {}, two_metrics);
    std::vector<std::thread> threads;
    for (std::uint64_t first = 1; first <= 4; ++first) {
        threads.emplace_back([&store, first] {
            for (std::uint64_t id = first; id <= 400; id += 4) {
                const evaluate::Evaluation row = evaluation(id);
                store.append(candidate(id, id), &row);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    store.flush();
    const auto candidates = store.candidates();
    REQUIRE(candidates.size() == 400);
    for (std::uint64_t id = 1; id <= 400; ++id) {
        REQUIRE(candidates[id - 1].id == id);
    }
    std::uint64_t sum = 0;
    store.for_each_evaluation([&](const evaluate::Evaluation& row) { sum += row.hash.high; });
    CHECK(sum == 400 * 401 / 2);
}

TEST_CASE("Evaluations are listed in the order of their hash") {
    const ScratchDirectory scratch;
    Store store = Store::create(scratch.path() / "run.db", {}, two_metrics);
    for (const std::uint64_t network : {300U, 2U, 70000U}) {
        const evaluate::Evaluation row = evaluation(network);
        store.append(candidate(network, network), &row);
    }
    std::vector<std::uint64_t> order;
    store.for_each_evaluation([&](const evaluate::Evaluation& row) { order.push_back(row.hash.high); });
    CHECK(order == std::vector<std::uint64_t>{2, 300, 70000});
}

TEST_CASE("Other metrics than the store's are named") {
    const ScratchDirectory scratch;
    const Store store = Store::create(scratch.path() / "run.db", {}, two_metrics);
    CHECK_NOTHROW(store.require_metrics(two_metrics));
    const std::vector<StoredMetric> other_unit = {{"params", "1"}, {"latency.total_ms", "s"}};
    CHECK_THROWS_WITH(store.require_metrics(other_unit),
                      contains_text("metric 2: found 'latency.total_ms' (ms), expected 'latency.total_ms' (s)"));
    const std::vector<StoredMetric> fewer = {{"params", "1"}};
    CHECK_THROWS_WITH(store.require_metrics(fewer), contains_text("found 'latency.total_ms' (ms), expected none"));
    const std::vector<StoredMetric> more = {{"params", "1"}, {"latency.total_ms", "ms"}, {"x", "1"}};
    CHECK_THROWS_WITH(store.require_metrics(more), contains_text("found none, expected 'x' (1)"));
}

TEST_CASE("A metric named like a column is refused") {
    const ScratchDirectory scratch;
    CHECK_THROWS_WITH(Store::create(scratch.path() / "run.db", {}, {{"status", "1"}}),
                      contains_text("the metric name 'status' is taken"));
}

TEST_CASE("A database that is there is not overwritten") {
    const ScratchDirectory scratch;
    put(scratch.path() / "run.db", "precious");
    CHECK_THROWS_WITH(Store::create(scratch.path() / "run.db", {}, two_metrics), contains_text("exists already"));
    CHECK(content(scratch.path() / "run.db") == "precious");
}

TEST_CASE("What is no run database, of a newer version, or damaged is refused with the reason") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "run.db";
    SECTION("missing") {
        CHECK_THROWS_WITH(Store::open(path), contains_text("run.db: there is no such file"));
    }
    SECTION("not a database") {
        put(path, std::string(5000, 'x'));
        CHECK_THROWS_WITH(Store::open(path), contains_text("run.db") && contains_text("not a database"));
    }
    SECTION("another program's database") {
        SQLite::Database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE t (x)");
        CHECK_THROWS_WITH(Store::open(path), contains_text("not a run's database: found application id 0, expected "));
    }
    SECTION("a newer schema") {
        Store::create(path, {}, two_metrics);
        SQLite::Database(path.string(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 7");
        CHECK_THROWS_WITH(Store::open(path), contains_text("found schema version 7, expected 2"));
    }
    SECTION("a page overwritten") {
        {
            Store store = Store::create(path, {}, two_metrics);
            for (std::uint64_t id = 1; id <= 2000; ++id) {
                const evaluate::Evaluation row = evaluation(id);
                store.append(candidate(id, id), &row);
            }
        }
        constexpr std::size_t page_size = 4096;
        std::string bytes = content(path);
        REQUIRE(bytes.size() > 20 * page_size);
        bytes.replace(10 * page_size, page_size, std::string(page_size, '\x5a'));
        put(path, bytes);
        CHECK_THROWS_WITH(Store::open(path), contains_text("the database is damaged"));
    }
    SECTION("cut off") {
        Store::create(path, {}, two_metrics);
        std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
        CHECK_THROWS_AS(Store::open(path), RunError);
    }
}

TEST_CASE("The example queries of docs/formats.md run") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "run.db";
    Store store =
        Store::create(path, {{"seed", "1"}},
                      {{"params", "1"}, {"relus", "1"}, {"latency.total_ms", "ms"}, {"accuracy.score", "1"}});
    store.flush();
    const std::string page = content(std::filesystem::path(SOTTO_SOURCE_DIRECTORY) / "docs" / "formats.md");
    SQLite::Database database(path.string(), SQLite::OPEN_READONLY);
    int queries = 0;
    for (std::size_t at = page.find("```sql\n"); at != std::string::npos; at = page.find("```sql\n", at)) {
        at += 7;
        const std::string query = page.substr(at, page.find("```", at) - at);
        CHECK_NOTHROW(database.exec(query));
        ++queries;
    }
    CHECK(queries >= 4);
}

TEST_CASE("Scores of stages are read back by stage and network, and only a failure is replaced") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "run.db";
    const arch::CanonicalHash hash{7, 8};
    const StoredStageScore first{"trained 1 epochs=9", hash, 17,
                                 Status::complete,     "",   {{"accuracy.a", 0.1}, {"b", -3}}};
    StoredStageScore failed{"trained 1 epochs=20", hash, 17, Status::failed, "it threw", {}};
    StoredStageScore later = failed;
    later.status = Status::complete;
    later.reason.clear();
    later.metrics = {{"accuracy.a", 1.0 / 3}};
    {
        Store store = Store::create(path, {}, two_metrics);
        CHECK_FALSE(store.stage_score(first.stage, hash).has_value());
        store.append_stage_score(first);
        StoredStageScore other = first;
        other.metrics[0].second = 0.9;
        store.append_stage_score(other);
        store.append_stage_score(failed);
        CHECK(store.stage_score(failed.stage, hash) == failed);
        store.append_stage_score(later);
    }
    for (const Store::Access access : {Store::Access::read_only, Store::Access::read_write}) {
        const Store store = Store::open(path, access);
        CHECK(store.stage_score(first.stage, hash) == first);
        CHECK(store.stage_score(later.stage, hash) == later);
        CHECK_FALSE(store.stage_score(first.stage, {8, 7}).has_value());
        CHECK(store.stage_scores() == std::vector<StoredStageScore>{later, first});
    }
}

TEST_CASE("A database from before there were stages is read, and gets their tables when it is written") {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "run.db";
    { const Store store = Store::create(path, {}, two_metrics); }
    {
        SQLite::Database database(path.string(), SQLite::OPEN_READWRITE);
        database.exec("DROP TABLE stage_evaluations");
        database.exec("DROP TABLE stage_metrics");
    }
    {
        const Store store = Store::open(path, Store::Access::read_only);
        CHECK(store.stage_scores().empty());
        CHECK_FALSE(store.stage_score("any", {1, 2}).has_value());
    }
    Store store = Store::open(path);
    store.append_stage_score({"any", {1, 2}, 1, Status::unsupported, "layer 'x'", {}});
    CHECK(store.stage_scores().size() == 1);
}

TEST_CASE("A sample of the complete networks is the same for any order of writing and bounded") {
    const ScratchDirectory scratch;
    std::vector<std::vector<double>> first;
    for (const bool backwards : {false, true}) {
        Store store = Store::create(scratch.path() / (backwards ? "b.db" : "a.db"), {}, two_metrics);
        for (std::uint64_t i = 1; i <= 50; ++i) {
            const std::uint64_t network = backwards ? 51 - i : i;
            evaluate::Evaluation row = evaluation(network, 10 + static_cast<double>(network));
            if (network % 5 == 0) {
                row.status = Status::failed;
                row.reason = "<fault>";
            }
            store.append(candidate(i, network), &row);
        }
        std::vector<std::vector<double>> rows;
        const std::vector<std::size_t> columns = {1, 0};
        store.sample_complete(columns, 30, [&](std::span<const double> values) {
            CHECK(values[0] == values[1] + 10);
            CHECK(std::fmod(values[1], 5) != 0);
            rows.emplace_back(values.begin(), values.end());
        });
        CHECK(rows.size() == 30);
        std::size_t all = 0;
        store.sample_complete(columns, 1000, [&](std::span<const double>) { ++all; });
        CHECK(all == 40);
        if (backwards) {
            CHECK(rows == first);
        }
        first = rows;
    }
}

TEST_CASE("What has no score is told with its reason and where it stands") {
    const ScratchDirectory scratch;
    Store store = Store::create(scratch.path() / "run.db", {}, two_metrics);
    evaluate::Evaluation complete = evaluation(1);
    store.append(candidate(1, 1), &complete);
    evaluate::Evaluation failed = evaluation(2);
    failed.status = Status::failed;
    failed.reason = "probe: no";
    store.append(candidate(2, 2), &failed);
    store.append(candidate(3, 2), &failed);
    evaluate::Evaluation rejected;
    rejected.status = Status::rejected;
    rejected.reason = "window 3x3 over 1x1";
    StoredCandidate without_network = candidate(4, 9);
    without_network.hash.reset();
    store.append(without_network, &rejected);
    std::vector<std::vector<std::string>> rows;
    store.for_each_shortfall([&](const StoredShortfall& row) {
        rows.push_back({std::string(row.status), std::string(row.reason), std::string(row.key)});
    });
    CHECK(rows == std::vector<std::vector<std::string>>{{"failed", "probe: no", to_text(failed.hash)},
                                                        {"rejected", "window 3x3 over 1x1", "4"}});
}

}  // namespace sotto::run
