// SPDX-License-Identifier: Apache-2.0
// Ignores the interrupt that stops a run.
#include <csignal>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-steals-signals";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            std::signal(SIGINT, SIG_IGN);
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
