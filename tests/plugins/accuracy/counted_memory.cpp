// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/accuracy/counted_memory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <unordered_map>

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#include "plugins/accuracy/blas_check.hpp"
#include "tests/support/catch.hpp"

namespace sotto::accuracy_test {
namespace {

/// Takes LibTorch's requests and knows how much of them is there at once.
class CountingAllocator final : public c10::Allocator {
  public:
    c10::DataPtr allocate(std::size_t bytes) const override {
        void* const memory = std::aligned_alloc(64, (bytes + 63) / 64 * 64);
        const std::lock_guard lock(mutex);
        sizes[memory] = bytes;
        now += bytes;
        most = std::max(most, now);
        return {memory, memory, free_counted, c10::Device(c10::DeviceType::CPU)};
    }
    c10::DeleterFnPtr raw_deleter() const override { return free_counted; }

    static void free_counted(void* memory) {
        const std::lock_guard lock(mutex);
        const auto found = sizes.find(memory);
        if (found != sizes.end()) {
            now -= found->second;
            sizes.erase(found);
        }
        std::free(memory);
    }

    static inline std::mutex mutex;
    static inline std::unordered_map<void*, std::size_t> sizes;
    static inline std::size_t now = 0;
    static inline std::size_t most = 0;
};

}  // namespace

double peak_of(const std::function<void()>& work) {
    static CountingAllocator allocator;
    accuracy::use_one_thread();
    c10::Allocator* const usual = c10::GetCPUAllocator();
    c10::SetCPUAllocator(&allocator, 100);
    CountingAllocator::most = CountingAllocator::now;
    const std::size_t before = CountingAllocator::now;
    work();
    c10::SetCPUAllocator(usual, 100);
    CHECK(CountingAllocator::now == before);
    return static_cast<double>(CountingAllocator::most - before);
}

std::vector<std::pair<std::string, FlatNetwork>> networks_to_count() {
    std::vector<std::pair<std::string, FlatNetwork>> all;
    all.emplace_back("SqueezeNet", squeezenet({.image = 64}));
    FlatNetwork residual;
    auto x = residual.normalization(residual.convolution(residual.input(3, 32, 32), 16, 3, 1, 1));
    for (const std::int32_t channels : {16, 16, 32, 32}) {
        const std::int32_t stride = residual.layers()[x].output.channels == channels ? 1 : 2;
        auto y = residual.relu(residual.normalization(residual.convolution(x, channels, 3, stride, 1)));
        y = residual.normalization(residual.convolution(y, channels, 3, 1, 1));
        x = residual.relu(residual.add({y, stride == 1 ? x : residual.convolution(x, channels, 1, 2)}));
    }
    residual.fully_connected(residual.global_pool(x), 10);
    all.emplace_back("residual blocks", residual);
    FlatNetwork dense;
    x = dense.convolution(dense.input(3, 32, 32), 16, 3, 1, 1);
    for (int layer = 0; layer < 6; ++layer) {
        x = dense.concat({x, dense.convolution(dense.relu(dense.normalization(x)), 12, 3, 1, 1)});
    }
    dense.fully_connected(dense.global_pool(dense.pool(dense.normalization(x), SOTTO_LAYER_AVERAGE_POOL, 2, 2)), 10);
    all.emplace_back("dense block", dense);
    FlatNetwork wide;
    x = wide.relu(wide.convolution(wide.input(3, 32, 32), 32, 3, 1, 1));
    x = wide.activation(wide.convolution(wide.pool(x, SOTTO_LAYER_MAX_POOL, 2, 2), 32, 3, 1, 1),
                        SOTTO_ACTIVATION_SQUARE);
    wide.fully_connected(wide.relu(wide.fully_connected(wide.flatten(x), 512)), 10);
    all.emplace_back("fully connected layers", wide);
    FlatNetwork mapping;
    x = mapping.relu(mapping.convolution(mapping.input(3, 32, 32), 16, 3, 1, 1));
    mapping.convolution(x, 64, 3, 1, 1);
    all.emplace_back("a large output", mapping);
    FlatNetwork shrinking;
    x = shrinking.relu(shrinking.convolution(shrinking.input(3, 96, 96), 8, 3, 4, 1));
    shrinking.fully_connected(shrinking.global_pool(x), 10);
    all.emplace_back("large images", shrinking);
    FlatNetwork lopsided;
    sotto_window window = square_window(3, 2, 1);
    window.pad_top = 0;
    x = lopsided.relu(lopsided.convolution(lopsided.input(3, 64, 64), 16, window));
    x = lopsided.pool(x, SOTTO_LAYER_MAX_POOL, square_window(3, 2, 1));
    x = lopsided.relu(lopsided.convolution(lopsided.pad(x, 1, 0, 2, 1), 32, square_window(3, 1, 0)));
    lopsided.fully_connected(lopsided.global_pool(lopsided.pool(x, SOTTO_LAYER_AVERAGE_POOL, window)), 10);
    all.emplace_back("pads", lopsided);
    return all;
}

}  // namespace sotto::accuracy_test
