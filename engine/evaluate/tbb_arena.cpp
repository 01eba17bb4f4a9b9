// SPDX-License-Identifier: Apache-2.0
#include "engine/evaluate/tbb_arena.hpp"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>

namespace sotto::evaluate {

struct TbbArena::State {
    explicit State(std::size_t slots)
        : control(tbb::global_control::max_allowed_parallelism, slots), arena(static_cast<int>(slots)) {}

    tbb::global_control control;
    tbb::task_arena arena;
};

TbbArena::TbbArena(std::size_t slots) : state_(std::make_unique<State>(slots)) {}

TbbArena::~TbbArena() = default;

void TbbArena::run(std::size_t count, void (*entry)(void*, std::size_t), void* context) {
    state_->arena.execute([&] {
        tbb::parallel_for(
            std::size_t{0}, count,
            [&](std::size_t) {
                // Isolated: a thread that waits for parallel work which a plug-in started must not take up another of
                // these calls under the same slot.
                tbb::this_task_arena::isolate(
                    [&] { entry(context, static_cast<std::size_t>(tbb::this_task_arena::current_thread_index())); });
            },
            tbb::simple_partitioner());
    });
}

}  // namespace sotto::evaluate
