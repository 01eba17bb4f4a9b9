// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/training/single_thread.hpp"

#include <dlfcn.h>

#include <cstring>

#include <ATen/Parallel.h>

namespace sotto::learned {
namespace {

// A function of the libraries that LibTorch was linked with, null where there is none. The trainers are loaded with
// RTLD_LOCAL, so that RTLD_DEFAULT does not know them.
template <typename Function>
Function* find_below_torch(const char* name) {
    Dl_info torch{};
    if (dladdr(reinterpret_cast<void*>(&at::set_num_threads), &torch) == 0) {
        return nullptr;
    }
    void* const library = dlopen(torch.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    if (library == nullptr) {
        return nullptr;
    }
    void* const found = dlsym(library, name);
    dlclose(library);
    return reinterpret_cast<Function*>(found);
}

// Leaves every library below LibTorch one thread. Whether products must not run beside each other.
bool limit_threads() {
    at::set_num_threads(1);
    const auto set_threads = find_below_torch<void(int)>("openblas_set_num_threads");
    if (set_threads != nullptr) {
        set_threads(1);
    }
    const auto parallel = find_below_torch<int()>("openblas_get_parallel");
    const auto configuration = find_below_torch<const char*()>("openblas_get_config");
    return parallel != nullptr && parallel() == 0 &&
           (configuration == nullptr || std::strstr(configuration(), "USE_LOCKING") == nullptr);
}

}  // namespace

OneThread::OneThread() {
    static const bool takes_turns = limit_threads();
    static std::mutex mutex;
    if (takes_turns) {
        turn_ = std::unique_lock(mutex);
    }
    // Each thread of OpenMP's has a number of its own.
    at::init_num_threads();
}

}  // namespace sotto::learned
