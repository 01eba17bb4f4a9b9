// SPDX-License-Identifier: Apache-2.0
// What is remembered of operations: which are told apart, and that remembering changes no price.
#include "cost_models/protocol/operation_table.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cost_models/protocol/predictor.hpp"
#include "cost_models/protocol/shipped_models.hpp"
#include "engine/random/random.hpp"
#include "tests/cost_models/protocol/operations.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::protocol;
using namespace sotto::protocol::test;

namespace {

using Table = OperationTable<int>;

// Operations of every kind with sizes from a few, so that many are equal and programs meet each in several places.
std::vector<sotto_operation> random_program(std::uint32_t number, std::size_t count) {
    random::Stream stream(7, 0, number, random::Purpose::test);
    const auto draw = [&](std::uint64_t span) { return static_cast<std::int32_t>(stream.below(span)); };
    std::vector<sotto_operation> program;
    while (program.size() < count) {
        const sotto_shape shape = {8 << draw(4), 14 << draw(3), 14 << draw(3)};
        switch (draw(7)) {
            case 0:
                program.push_back(convolution(shape, 16 << draw(3), 1 + 2 * draw(2), 1 + draw(2), draw(2)));
                break;
            case 1:
                program.push_back(relu(std::int64_t{1} << (10 + draw(12)), draw(2) == 0));
                break;
            case 2:
                program.push_back(truncation(std::int64_t{1} << (10 + draw(12))));
                break;
            case 3:
                program.push_back(max_pool(shape, 2 + draw(2)));
                break;
            case 4:
                program.push_back(average_pool(shape, 2 + draw(2)));
                break;
            case 5:
                program.push_back(normalization(
                    shape, draw(2) == 0 ? SOTTO_NORMALIZATION_HOMOMORPHIC : SOTTO_NORMALIZATION_ELEMENTWISE));
                break;
            default:
                program.push_back(fully_connected(64 << draw(7), 10 + draw(3)));
                break;
        }
    }
    return program;
}

struct Times {
    std::vector<double> values;
    friend bool operator==(const Times&, const Times&) = default;
};

Times times_of(const Predictor& predictor, const std::vector<sotto_operation>& program, Predictor::Memory* memory) {
    Times times;
    Predictor::Position position = predictor.start();
    for (std::uint32_t i = 0; i < program.size(); ++i) {
        const sotto_operation* const next = i + 1 < program.size() ? &program[i + 1] : nullptr;
        const Cost cost = memory == nullptr ? predictor.advance(position, program[i], next, i)
                                            : predictor.advance(position, program[i], next, i, *memory);
        times.values.insert(times.values.end(), {cost.client_ms, cost.server_ms, cost.client_sent_bytes,
                                                 cost.server_sent_bytes, cost.flows, predictor.total_ms(position)});
    }
    return times;
}

}  // namespace

TEST_CASE("Operations are told apart by everything that fixes their cost") {
    const sotto_operation first = convolution({3, 30, 20}, 8, 3, 2, 1);
    const std::vector<std::function<void(sotto_operation&)>> changes = {
        [](auto& o) { ++o.kind; },
        [](auto& o) { ++o.normalization; },
        [](auto& o) { ++o.truncates; },
        [](auto& o) { ++o.elements; },
        [](auto& o) { o.elements += std::int64_t{1} << 40; },
        [](auto& o) { ++o.input.channels; },
        [](auto& o) { ++o.input.height; },
        [](auto& o) { ++o.input.width; },
        [](auto& o) { ++o.output.channels; },
        [](auto& o) { ++o.output.height; },
        [](auto& o) { ++o.output.width; },
        [](auto& o) { ++o.window.kernel_height; },
        [](auto& o) { ++o.window.kernel_width; },
        [](auto& o) { ++o.window.stride_height; },
        [](auto& o) { ++o.window.stride_width; },
        [](auto& o) { ++o.window.pad_top; },
        [](auto& o) { ++o.window.pad_bottom; },
        [](auto& o) { ++o.window.pad_left; },
        [](auto& o) { ++o.window.pad_right; },
        [](auto& o) { std::swap(o.input.height, o.input.width); },
    };
    Table table;
    CHECK(table.find(first) == Table::none);
    CHECK(table.add(first, -1) == 0);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        sotto_operation changed = first;
        changes[i](changed);
        INFO(i);
        CHECK(table.find(changed) == Table::none);
        const std::uint32_t number = table.add(changed, static_cast<int>(i));
        CHECK(number == i + 1);
        CHECK(table.find(changed) == number);
    }
    CHECK(table.find(first, 1) == Table::none);  // another variant

    sotto_operation same = first;
    same.struct_size += 8;
    same.layer = 17;
    same.reserved = 5;
    CHECK(table.find(same) == 0);
    CHECK(table[table.find(same)] == -1);
}

TEST_CASE("A table finds all it was given whatever their number and nothing after a clear") {
    Table table;
    for (int round = 0; round < 3; ++round) {
        const int count = 1000 * (round + 1);
        for (int i = 0; i < count; ++i) {
            REQUIRE(table.find(relu(100 + i, true)) == Table::none);
            REQUIRE(table.add(relu(100 + i, true), i + round) == static_cast<std::uint32_t>(i));
        }
        CHECK(table.size() == static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) {
            REQUIRE(table[table.find(relu(100 + i, true))] == i + round);
        }
        table.clear();
        CHECK(table.size() == 0);
    }
}

TEST_CASE("What comes after an operation is found whether it did the last time or not") {
    Table table;
    const sotto_operation first = relu(1, true);
    const sotto_operation second = relu(2, true);
    const sotto_operation third = relu(3, true);
    CHECK(table.find_after(Table::none, first) == Table::none);
    table.add(first, 0);
    CHECK(table.find_after(0, second) == Table::none);
    table.add(second, 1);
    table.add(third, 2);
    for (int i = 0; i < 2; ++i) {
        CHECK(table.find_after(0, second) == 1);
        CHECK(table.find_after(0, second) == 1);
        CHECK(table.find_after(0, third) == 2);
        CHECK(table.find_after(0, first) == 0);
        CHECK(table.find_after(2, third) == 2);
        CHECK(table.find_after(0, second, 1) == Table::none);
    }
}

TEST_CASE("Prices are the same bits with what was remembered of other programs") {
    std::size_t met_again = 0;
    for (const char* const engine : {"opencheetah-2022", "opencheetah-2023"}) {
        for (const char* const setting : {"local", "lan", "wan"}) {
            model_file::Choice choice;
            choice.engine = engine;
            choice.setting = setting;
            const model_file::OpenedModel opened = model_file::open_model("protocol", choice, shipped_models());
            const Predictor predictor(read_coefficients(opened.model, opened.name),
                                      engine_of(opened.model.engine, opened.model.setting, opened.name),
                                      LinkTimes::of(opened.model.bandwidth_mbps, opened.model.rtt_ms));
            Predictor::Memory memory;
            for (std::uint32_t number = 0; number < 40; ++number) {
                const auto program = random_program(number, 60);
                CHECK(times_of(predictor, program, &memory) == times_of(predictor, program, nullptr));
            }
            met_again += memory.size() < 40 * 60 ? 1 : 0;
        }
    }
    CHECK(met_again == 6);  // operations were met again, or nothing was tested
}

TEST_CASE("A memory that is full goes on") {
    const model_file::OpenedModel opened = model_file::open_model("protocol", {}, shipped_models());
    const Predictor predictor(read_coefficients(opened.model, opened.name),
                              engine_of(opened.model.engine, opened.model.setting, opened.name),
                              LinkTimes::of(opened.model.bandwidth_mbps, opened.model.rtt_ms));
    Predictor::Memory memory;
    std::vector<sotto_operation> program;
    for (std::size_t i = 0; i < Predictor::Memory::most_operations + 100; ++i) {
        program.push_back(relu(1000 + static_cast<std::int64_t>(i), true));
    }
    CHECK(times_of(predictor, program, &memory) == times_of(predictor, program, nullptr));
    CHECK(memory.size() == 100);
    CHECK(times_of(predictor, program, &memory) == times_of(predictor, program, nullptr));
}
