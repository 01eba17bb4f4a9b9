// SPDX-License-Identifier: Apache-2.0
#include "engine/evaluate/workers.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>

namespace sotto::evaluate {

struct Workers::Arena {
    explicit Arena(std::size_t threads)
        : control(tbb::global_control::max_allowed_parallelism, threads), arena(static_cast<int>(threads)) {}

    tbb::global_control control;
    tbb::task_arena arena;
};

Workers::Workers(std::size_t threads)
    : slots_(threads != 0 ? threads : std::max<std::size_t>(1, std::thread::hardware_concurrency())),
      arena_(std::make_unique<Arena>(slots_)) {}

Workers::~Workers() = default;

void Workers::run(std::size_t count, const std::function<bool(std::size_t, std::size_t)>& body) {
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> stopped = false;
    std::mutex error_mutex;
    std::size_t error_item = count;
    std::exception_ptr error;

    const auto work = [&](std::size_t slot) {
        while (!stopped) {
            const std::size_t item = next++;
            if (item >= count) {
                return;
            }
            try {
                if (!body(item, slot)) {
                    stopped = true;
                }
            } catch (...) {
                stopped = true;
                const std::lock_guard lock(error_mutex);
                if (item < error_item) {
                    error_item = item;
                    error = std::current_exception();
                }
            }
        }
    };
    const std::size_t used = std::min(slots_, count);
    arena_->arena.execute([&] {
        tbb::parallel_for(
            std::size_t{0}, used,
            [&](std::size_t) {
                // Isolated: a thread that waits for parallel work of a plug-in must not take up another of these loops
                // under the same slot.
                tbb::this_task_arena::isolate(
                    [&] { work(static_cast<std::size_t>(tbb::this_task_arena::current_thread_index())); });
            },
            tbb::simple_partitioner());
    });
    if (error) {
        std::rethrow_exception(error);
    }
}

}  // namespace sotto::evaluate
