// SPDX-License-Identifier: Apache-2.0
// A search builds, hashes and lowers thousands of networks a second: once the scratch space has grown, none of it may
// allocate. Every allocation of this program is counted.
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/network_builder.hpp"
#include "engine/secure/lowering.hpp"
#include "tests/support/catch.hpp"

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t bytes) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) {
        return memory;
    }
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) {
    return counted(bytes);
}
void* operator new[](std::size_t bytes) {
    return counted(bytes);
}
void* operator new(std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
    allocations.fetch_add(1, std::memory_order_relaxed);
    return std::malloc(bytes == 0 ? 1 : bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
    allocations.fetch_add(1, std::memory_order_relaxed);
    return std::malloc(bytes == 0 ? 1 : bytes);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*bytes*/) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t /*bytes*/) noexcept {
    std::free(memory);
}

using namespace sotto;
using arch::LayerIndex;

namespace {

// Blocks of two branches that are summed; `twins`: the branches are equal, which takes colour refinement.
LayerIndex fill(arch::NetworkBuilder& builder, int blocks, bool twins, std::vector<std::string>& names) {
    std::size_t used = 0;
    const auto name = [&]() -> const std::string& {
        if (used == names.size()) {
            names.push_back("a layer whose name is too long for the string's own storage " + std::to_string(used));
        }
        return names[used++];
    };
    builder.reset("a network whose name is too long for the string's own storage");
    LayerIndex last = builder.add_input(name(), {8, 32, 32});
    for (int block = 0; block < blocks; ++block) {
        LayerIndex branches[2];
        for (int k = 0; k < 2; ++k) {
            const std::int32_t kernel = twins || k == 0 ? 3 : 1;
            const arch::Window window{kernel, kernel, 1, 1, kernel / 2, kernel / 2, kernel / 2, kernel / 2};
            const LayerIndex conv = builder.add_convolution(name(), last, 8, window);
            const LayerIndex norm = builder.add_batch_normalization(name(), conv);
            branches[k] = builder.add_activation(name(), norm, arch::Activation::relu);
        }
        last = builder.add_add(name(), branches);
    }
    return last;
}

}  // namespace

TEST_CASE("Building, hashing and lowering a network no larger than one before allocates nothing") {
    arch::NetworkBuilder builder;
    arch::Network network;
    std::vector<LayerIndex> order;
    std::vector<std::string> names;
    secure::Lowering lowering;
    secure::SecureProgram program;
    const auto evaluate = [&](int blocks, bool twins) {
        const LayerIndex output = fill(builder, blocks, twins, names);
        builder.finish_into(network, output);
        arch::canonical_form(network, order);
        return !lowering.lower(network, order, program).has_value();
    };
    REQUIRE(evaluate(12, false));
    REQUIRE(evaluate(12, true));
    const long before = allocations.load();
    bool lowered = true;
    for (int round = 0; round < 20; ++round) {
        lowered = evaluate(1 + round % 12, round % 3 == 0) && lowered;
    }
    const long after = allocations.load();
    CHECK(lowered);
    CHECK(after - before == 0);
    CHECK(before > 0);  // the counter counts
}
