// SPDX-License-Identifier: Apache-2.0
// Writes to the standard output of the host.
#include <cstdio>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-prints";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            std::puts("scored one more candidate");
            std::fflush(stdout);
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
