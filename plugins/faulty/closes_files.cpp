// SPDX-License-Identifier: Apache-2.0
// Closes every file of the process, once.
#include <unistd.h>

#include <atomic>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-closes-files";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        static std::atomic_flag has_closed;
        if (strikes(candidate) && !has_closed.test_and_set()) {
            for (int descriptor = 3; descriptor < 256; ++descriptor) {
                close(descriptor);
            }
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
