// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/accuracy/counted_memory.hpp"

#include <malloc.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>
#include <unordered_map>

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#include "plugins/accuracy/blas_check.hpp"
#include "tests/support/catch.hpp"

namespace sotto::accuracy_test {
namespace {

/// Bytes that are there, and the most that were at once.
class Counter {
  public:
    void add(std::int64_t bytes) noexcept {
        const std::int64_t present = now_.fetch_add(bytes) + bytes;
        std::int64_t most = most_.load();
        while (present > most && !most_.compare_exchange_weak(most, present)) {
        }
    }
    void forget_most() noexcept { most_ = now_.load(); }

    std::int64_t now() const noexcept { return now_; }
    std::int64_t most() const noexcept { return most_; }

  private:
    std::atomic<std::int64_t> now_{0};
    std::atomic<std::int64_t> most_{0};
};

constinit Counter tensors;  // of LibTorch's allocator
constinit Counter all;      // of it and operator new together

/// Takes LibTorch's requests and counts them.
class CountingAllocator final : public c10::Allocator {
  public:
    c10::DataPtr allocate(std::size_t bytes) const override {
        void* const memory = std::aligned_alloc(64, (bytes + 63) / 64 * 64);
        const std::lock_guard lock(mutex);
        sizes[memory] = bytes;
        tensors.add(static_cast<std::int64_t>(bytes));
        all.add(static_cast<std::int64_t>(bytes));
        return {memory, memory, free_counted, c10::Device(c10::DeviceType::CPU)};
    }
    c10::DeleterFnPtr raw_deleter() const override { return free_counted; }

    static void free_counted(void* memory) {
        const std::lock_guard lock(mutex);
        const auto found = sizes.find(memory);
        if (found != sizes.end()) {
            tensors.add(-static_cast<std::int64_t>(found->second));
            all.add(-static_cast<std::int64_t>(found->second));
            sizes.erase(found);
        }
        std::free(memory);
    }

    static inline std::mutex mutex;
    static inline std::unordered_map<void*, std::size_t> sizes;
};

double peak_of(const std::function<void()>& work, Counter& counter) {
    static CountingAllocator allocator;
    accuracy::use_one_thread();
    c10::Allocator* const usual = c10::GetCPUAllocator();
    c10::SetCPUAllocator(&allocator, 100);
    counter.forget_most();
    const std::int64_t before = counter.now();
    const std::int64_t tensors_before = tensors.now();
    work();
    c10::SetCPUAllocator(usual, 100);
    const std::int64_t most = counter.most();
    CHECK(tensors.now() == tensors_before);
    return static_cast<double>(most - before);
}

void* count_new(std::size_t bytes) {
    void* const memory = std::malloc(bytes);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    all.add(static_cast<std::int64_t>(malloc_usable_size(memory)));
    return memory;
}

void count_delete(void* memory) noexcept {
    all.add(-static_cast<std::int64_t>(malloc_usable_size(memory)));
    std::free(memory);
}

}  // namespace

double peak_of(const std::function<void()>& work) {
    return peak_of(work, tensors);
}

double peak_with_heap_of(const std::function<void()>& work) {
    return peak_of(work, all);
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
    FlatNetwork narrowed;
    x = narrowed.input(3, 32, 32);
    x = narrowed.relu(narrowed.convolution(x, 64, 3, 16, 1));
    for (int layer = 0; layer < 16; ++layer) {
        x = narrowed.relu(narrowed.convolution(x, 64, 5, 1, 2));
    }
    narrowed.fully_connected(narrowed.global_pool(x), 10);
    all.emplace_back("windows larger than their maps", narrowed);
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

// Every other form of them but the aligned ones comes to these.
void* operator new(std::size_t bytes) {
    return sotto::accuracy_test::count_new(bytes);
}

void operator delete(void* memory) noexcept {
    sotto::accuracy_test::count_delete(memory);
}

void operator delete(void* memory, std::size_t /*bytes*/) noexcept {
    sotto::accuracy_test::count_delete(memory);
}
