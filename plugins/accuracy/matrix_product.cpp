// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/matrix_product.hpp"

#include <cstdint>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>

#include <ATen/ops/mm.h>

#include "plugins/accuracy/blas_check.hpp"

namespace sotto::accuracy {
namespace {

// dnnl_sgemm of oneDNN 1.0 and later: row-major C = alpha A B + beta C; 0 on success.
using DnnlSgemm = int (*)(char, char, std::int64_t, std::int64_t, std::int64_t, float, const float*, std::int64_t,
                          const float*, std::int64_t, float, float*, std::int64_t);

DnnlSgemm find_dnnl_sgemm() {
    return reinterpret_cast<DnnlSgemm>(find_in_torch("dnnl_sgemm"));
}

bool has_unlocked_blas() {
    using Parallel = int (*)();
    using Configuration = const char* (*)();
    const auto parallel = reinterpret_cast<Parallel>(find_in_torch("openblas_get_parallel"));
    const auto configuration = reinterpret_cast<Configuration>(find_in_torch("openblas_get_config"));
    return parallel != nullptr && parallel() == 0 &&
           (configuration == nullptr || std::strstr(configuration(), "USE_LOCKING") == nullptr);
}

}  // namespace

void multiply_into(at::Tensor& result, const at::Tensor& left, const at::Tensor& right) {
    static const DnnlSgemm dnnl_sgemm = find_dnnl_sgemm();
    if (dnnl_sgemm != nullptr) {
        const int status = dnnl_sgemm('N', 'N', left.size(0), right.size(1), left.size(1), 1.0F, left.data_ptr<float>(),
                                      left.stride(0), right.data_ptr<float>(), right.stride(0), 0.0F,
                                      result.data_ptr<float>(), result.stride(0));
        if (status != 0) {
            throw std::runtime_error("dnnl_sgemm failed with status " + std::to_string(status));
        }
        return;
    }
    const std::unique_lock lock = lock_blas();
    at::mm_out(result, left, right);
}

std::unique_lock<std::mutex> lock_blas() {
    static const bool one_at_a_time = has_unlocked_blas();
    static std::mutex mutex;
    return one_at_a_time ? std::unique_lock(mutex) : std::unique_lock<std::mutex>();
}

}  // namespace sotto::accuracy
