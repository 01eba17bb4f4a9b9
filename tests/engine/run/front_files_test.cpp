// SPDX-License-Identifier: Apache-2.0
#include "engine/run/front_files.hpp"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/network_builder.hpp"
#include "engine/arch/network_yaml.hpp"
#include "engine/pytorch/write_network.hpp"
#ifdef SOTTO_WITH_ONNX
#include "engine/onnx/read_network.hpp"
#endif
#include "engine/random/random.hpp"
#include "engine/secure/lowering.hpp"
#include "tests/engine/run/scratch_directory.hpp"
#include "tests/support/catch.hpp"

namespace sotto::run {
namespace {

using namespace test;

// An RFC 4180 reader, apart from the code under test.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> row;
    std::string field;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
                field += '"';
                ++i;
            } else if (c == '"') {
                quoted = false;
            } else {
                field += c;
            }
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',' || c == '\n') {
            row.push_back(field);
            field.clear();
            if (c == '\n') {
                rows.push_back(row);
                row.clear();
            }
        } else {
            field += c;
        }
    }
    return rows;
}

arch::Network tiny_network(const std::string& name) {
    arch::NetworkBuilder builder;
    builder.reset(name);
    const auto input = builder.add_input("image", {3, 8, 8});
    const auto convolution = builder.add_convolution("conv", input, 4, {});
    return builder.finish(builder.add_activation("relu", convolution, arch::Activation::relu));
}

}  // namespace

TEST_CASE("Numbers read back as the same double, in the shortest form") {
    using Limits = std::numeric_limits<double>;
    std::vector<double> values = {0.0,
                                  -0.0,
                                  0.1,
                                  1e22,
                                  1e23,
                                  Limits::max(),
                                  Limits::lowest(),
                                  Limits::min(),
                                  5e-324,
                                  Limits::epsilon(),
                                  9007199254740993.0,
                                  -1.0 / 3};
    random::Stream stream(11, 0, 0, random::Purpose::test);
    while (values.size() < 20000) {
        const double value = std::bit_cast<double>(stream.bits());
        if (std::isfinite(value)) {
            values.push_back(value);
        }
    }
    for (const double value : values) {
        const std::string text = number_text(value);
        REQUIRE(std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)) ==
                std::bit_cast<std::uint64_t>(value));
    }
    CHECK(number_text(0.1) == "0.1");
    CHECK(number_text(5) == "5");
    CHECK(number_text(Limits::infinity()) == "inf");
    CHECK(number_text(-Limits::quiet_NaN()) == "nan");
}

TEST_CASE("A column's title says the unit once") {
    CHECK(column_title("latency.client_ms", "ms") == "latency.client_ms");
    CHECK(column_title("comm.client_bytes", "bytes") == "comm.client_bytes");
    CHECK(column_title("rounds", "1") == "rounds");
    CHECK(column_title("energy", "J") == "energy [J]");
    CHECK(column_title("latency.forms", "ms") == "latency.forms [ms]");
}

TEST_CASE("pareto.csv reads back: header, numbers, quoted texts") {
    FrontTable table;
    table.columns = {"latency.total_ms", "odd, \"name\"", "relus"};
    table.rows = {{12, {0.1, 1e300, std::numeric_limits<double>::quiet_NaN()}, "width=64 act=relu"},
                  {7, {std::nextafter(0.1, 0.0), -5e-324, 3}, "a,b \"c\"\nd"}};
    table.sort();
    const auto rows = parse_csv(table.to_csv());
    REQUIRE(rows.size() == 3);
    CHECK(rows[0] == std::vector<std::string>{"id", "latency.total_ms", "odd, \"name\"", "relus", "genome"});
    CHECK(rows[1][0] == "7");
    CHECK(std::strtod(rows[1][1].c_str(), nullptr) == std::nextafter(0.1, 0.0));
    CHECK(std::strtod(rows[1][2].c_str(), nullptr) == -5e-324);
    CHECK(rows[1][4] == "a,b \"c\"\nd");
    CHECK(rows[2] == std::vector<std::string>{"12", "0.1", "1e+300", "", "width=64 act=relu"});
}

TEST_CASE("Rows are ordered best first by the first objective, then by the others, then by id") {
    FrontTable table;
    table.columns = {"a", "b"};
    table.rows = {{5, {2, 1}, ""}, {4, {1, 2}, ""}, {3, {1, 1}, ""}, {2, {2, 1}, ""}};
    const auto ids = [&] {
        std::vector<std::uint64_t> list;
        for (const FrontRow& row : table.rows) {
            list.push_back(row.id);
        }
        return list;
    };
    table.sort();
    CHECK(ids() == std::vector<std::uint64_t>{3, 4, 2, 5});
    table.descending = true;
    table.sort();
    CHECK(ids() == std::vector<std::uint64_t>{2, 5, 3, 4});
}

TEST_CASE("Every member of the front gets its network and its program") {
    const ScratchDirectory scratch;
    const RunDirectory directory = RunDirectory::create(scratch.path() / "run");
    const arch::Network network = tiny_network("tiny");
    secure::SecureProgram program;
    REQUIRE_FALSE(secure::Lowering().lower(network, program).has_value());
    BestWriter writer(directory, 2);
    CHECK(writer.add(1, network, program, "depth=1") == "best/01");
    CHECK(writer.add(2, network, {}, "depth=2") == "best/02");
    CHECK_FALSE(std::filesystem::exists(directory.path() / "best"));
    writer.commit();
    const auto best = directory.path() / "best";
    const arch::Network read = arch::read_network_file((best / "01" / "network.yaml").string());
    CHECK(arch::to_yaml(read) == arch::to_yaml(network));
    CHECK(content(best / "01" / "model.py") == pytorch::to_pytorch(network));
    CHECK(content(best / "01" / "secure_program.csv") == secure::to_csv(program, "tiny"));
    CHECK(std::filesystem::exists(best / "02" / "network.yaml"));
    CHECK(std::filesystem::exists(best / "02" / "model.py"));
    CHECK_FALSE(std::filesystem::exists(best / "02" / "secure_program.csv"));
}

TEST_CASE("A smaller front replaces a larger one whole, and only when it is complete") {
    const ScratchDirectory scratch;
    const RunDirectory directory = RunDirectory::create(scratch.path() / "run");
    const auto best = directory.path() / "best";
    const arch::Network network = tiny_network("tiny");
    {
        BestWriter writer(directory, 3);
        for (std::size_t row = 1; row <= 3; ++row) {
            writer.add(row, network, {}, "depth=2");
        }
        writer.commit();
    }
    {
        BestWriter abandoned(directory, 1);
        abandoned.add(1, network, {}, "depth=2");
    }
    CHECK(std::filesystem::exists(best / "03"));
    BestWriter writer(directory, 1);
    writer.add(1, network, {}, "depth=2");
    writer.commit();
    CHECK(std::filesystem::exists(best / "01"));
    CHECK_FALSE(std::filesystem::exists(best / "02"));
    CHECK_FALSE(std::filesystem::exists(directory.path() / "best.partial"));
}

#ifdef SOTTO_WITH_ONNX
TEST_CASE("A network of the front is written as ONNX where asked for") {
    const ScratchDirectory scratch;
    const RunDirectory directory = RunDirectory::create(scratch.path() / "run");
    REQUIRE(can_write_onnx());
    BestWriter writer(directory, 1, true);
    writer.add(1, tiny_network("tiny"), {}, "depth=2");
    writer.commit();
    const arch::Network read = onnx::read_network_file((directory.path() / "best" / "01" / "network.onnx").string());
    CHECK(arch::canonical_hash(read) == arch::canonical_hash(tiny_network("tiny")));
}
#endif

TEST_CASE("A front of more than 99 gets longer numbers") {
    const ScratchDirectory scratch;
    const RunDirectory directory = RunDirectory::create(scratch.path() / "run");
    BestWriter writer(directory, 100);
    CHECK(writer.add(1, tiny_network("tiny"), {}, "depth=2") == "best/001");
    // Rows may be left out: the number stays the row's.
    CHECK(writer.add(100, tiny_network("tiny"), {}, "depth=2") == "best/100");
}

}  // namespace sotto::run
