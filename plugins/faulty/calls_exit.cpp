// SPDX-License-Identifier: Apache-2.0
// Calls exit, which runs the host's own clean-up.
#include <cstdlib>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-calls-exit";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            std::exit(0);
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
