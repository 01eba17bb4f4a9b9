// SPDX-License-Identifier: Apache-2.0
// Forks once, and returns in both processes.
#include <unistd.h>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-forks";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            static const pid_t child = fork();
            static_cast<void>(child);
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
