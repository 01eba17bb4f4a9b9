// SPDX-License-Identifier: Apache-2.0
#include "engine/evaluate/workers.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace sotto::evaluate {
namespace {

// TBB orders what the caller did before the work, the work, and what the caller does after it; ThreadSanitizer is told,
// since it cannot see that. Races between items stay visible.
#if defined(__SANITIZE_THREAD__)
char before_work;
char after_work;
void published(char& point) {
    __tsan_release(&point);
}
void received(char& point) {
    __tsan_acquire(&point);
}
#else
constexpr int before_work = 0;
constexpr int after_work = 0;
void published(int) {}
void received(int) {}
#endif

struct Work {
    std::size_t count;
    const std::function<bool(std::size_t, std::size_t)>& body;
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> stopped = false;
    std::mutex error_mutex = {};
    std::size_t error_item = 0;
    std::exception_ptr error = {};

    void run(std::size_t slot) {
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
                if (!error || item < error_item) {
                    error_item = item;
                    error = std::current_exception();
                }
            }
        }
    }
};

void run_slot(void* context, std::size_t slot) {
    received(before_work);
    static_cast<Work*>(context)->run(slot);
    published(after_work);
}

}  // namespace

Workers::Workers(std::size_t threads)
    : slots_(threads != 0 ? threads : std::max<std::size_t>(1, std::thread::hardware_concurrency())), arena_(slots_) {}

void Workers::run(std::size_t count, const std::function<bool(std::size_t, std::size_t)>& body) {
    Work work{count, body};
    published(before_work);
    arena_.run(std::min(slots_, count), run_slot, &work);
    received(after_work);
    if (work.error) {
        std::rethrow_exception(work.error);
    }
}

}  // namespace sotto::evaluate
