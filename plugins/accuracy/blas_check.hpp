// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sotto::accuracy {

/// A symbol in the scope of LibTorch, null where there is none. The plug-in is loaded with RTLD_LOCAL, where
/// RTLD_DEFAULT finds nothing.
void* find_in_torch(const char* name);

/// What to tell the user of the matrix library that LibTorch runs on, empty where it is a fast one. Debian's reference
/// BLAS is about 20 times slower than OpenBLAS.
std::string blas_warning();

/// From now on LibTorch, and OpenMP and OpenBLAS below it, use the calling thread alone for what it asks of them.
void use_one_thread();

}  // namespace sotto::accuracy
