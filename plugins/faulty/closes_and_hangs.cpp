// SPDX-License-Identifier: Apache-2.0
// Closes every file of the process, and does not return.
#include <unistd.h>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-closes-and-hangs";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            for (int descriptor = 3; descriptor < 256; ++descriptor) {
                close(descriptor);
            }
            while (true) {
                pause();
            }
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
