// SPDX-License-Identifier: Apache-2.0
// Starts a hundred processes that end when it does, and does not return.
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-forks-and-hangs";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (!strikes(candidate)) {
            return;
        }
        for (int i = 0; i < 100 && fork() != 0; ++i) {
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (true) {
            pause();
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
