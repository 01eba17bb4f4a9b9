// SPDX-License-Identifier: Apache-2.0
// Decoding reuses its storage: a program of its own, since it counts every allocation of the process.
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "search/space/space.hpp"
#include "tests/support/catch.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* const memory = std::malloc(size == 0 ? 1 : size)) {
        return memory;
    }
    throw std::bad_alloc();
}

void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    ++allocations;
    return std::malloc(size == 0 ? 1 : size);
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}

namespace sotto::search {
namespace {

TEST_CASE("decoding candidates that were decoded before allocates nothing") {
    for (const std::string name : {"squeezenet_space.yaml", "nasbench201_space.yaml", "examples/mobile.yaml"}) {
        INFO(name);
        const Space space = Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/" + name);
        std::vector<Genome> genomes;
        for (std::uint32_t i = 0; i < 50; ++i) {
            random::Stream stream(1, 0, i, random::Purpose::test);
            genomes.push_back(space.sample(stream));
        }
        Space::Decoder decoder(space);
        Rejection rejection;
        std::size_t decoded = 0;
        std::size_t in_second_round = 0;
        for (int round = 0; round < 2; ++round) {
            const std::size_t before = allocations;
            for (const Genome& genome : genomes) {
                decoded += decoder.decode(genome, rejection) != nullptr ? 1 : 0;
            }
            in_second_round = allocations - before;
        }
        CHECK(decoded == 2 * genomes.size());
        CHECK(in_second_round == 0);
    }
}

}  // namespace
}  // namespace sotto::search
