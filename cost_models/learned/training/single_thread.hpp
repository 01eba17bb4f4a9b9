// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

namespace sotto::learned {

/// While one lives, what LibTorch is asked to do by the calling thread is done on it alone, so that sums are taken in
/// one order. An OpenBLAS that was built without threads and without locks (Debian's libopenblas0-serial) has one work
/// buffer for all callers, and two products at once come out wrong: there, a second one waits until the first is gone.
class OneThread {
  public:
    OneThread();

  private:
    std::unique_lock<std::mutex> turn_;
};

}  // namespace sotto::learned
