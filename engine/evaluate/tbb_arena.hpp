// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

namespace sotto::evaluate {

/// A TBB arena with a fixed number of slots, the caller's among them. While it lives, all of TBB in this process stays
/// within that number of threads. This file's code is not instrumented by ThreadSanitizer (see CMakeLists.txt), which
/// cannot see how TBB hands tasks from thread to thread and would report every one.
class TbbArena {
  public:
    explicit TbbArena(std::size_t slots);
    ~TbbArena();
    TbbArena(const TbbArena&) = delete;
    TbbArena& operator=(const TbbArena&) = delete;

    /// Calls entry(context, slot) `count` times, on up to `count` threads at once, and waits. `entry` may not throw.
    void run(std::size_t count, void (*entry)(void* context, std::size_t slot), void* context);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sotto::evaluate
