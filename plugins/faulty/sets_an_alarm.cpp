// SPDX-License-Identifier: Apache-2.0
// Sets an alarm, whose signal ends the process much later.
#include <unistd.h>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-sets-an-alarm";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            alarm(1000);
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
