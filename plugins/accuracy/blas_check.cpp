// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/blas_check.hpp"

#include <dlfcn.h>

#include <cstdlib>

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>

namespace sotto::accuracy {
namespace {

/// The file that `symbol` comes from as LibTorch sees it, links resolved; empty where it is not found.
std::string file_of(void* symbol) {
    Dl_info info{};
    if (symbol == nullptr || dladdr(symbol, &info) == 0 || info.dli_fname == nullptr) {
        return {};
    }
    char* const resolved = realpath(info.dli_fname, nullptr);
    std::string path = resolved != nullptr ? resolved : info.dli_fname;
    std::free(resolved);
    return path;
}

}  // namespace

void* find_in_torch(const char* name) {
    Dl_info torch{};
    void* const inside = reinterpret_cast<void*>(&at::set_num_threads);
    if (dladdr(inside, &torch) == 0 || torch.dli_fname == nullptr) {
        return nullptr;
    }
    void* const handle = dlopen(torch.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    if (handle == nullptr) {
        return nullptr;
    }
    void* const symbol = dlsym(handle, name);
    dlclose(handle);
    return symbol;
}

std::string blas_warning() {
    const std::string path = file_of(find_in_torch("sgemm_"));
    // The reference library is called libblas and has none of the entry points of the fast ones beside sgemm_. A
    // LibTorch with a built-in MKL has no sgemm_ of its own file name libblas either.
    if (path.empty() || path.find("libblas") == std::string::npos || path.find("openblas") != std::string::npos ||
        path.find("atlas") != std::string::npos || path.find("blis") != std::string::npos) {
        return {};
    }
    return "LibTorch multiplies matrices with the reference BLAS (" + path +
           "), which is about 20 times slower than OpenBLAS; on Debian: apt-get install libopenblas0-serial";
}

void use_one_thread() {
    // The number of OpenMP threads is a property of the calling thread.
    thread_local bool done = false;
    if (!done) {
        at::set_num_threads(1);
        done = true;
    }
}

}  // namespace sotto::accuracy
