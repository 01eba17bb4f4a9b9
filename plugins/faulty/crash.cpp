// SPDX-License-Identifier: Apache-2.0
// Writes through a null pointer.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-crash";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            volatile int* volatile nowhere = nullptr;
            *nowhere = 1;
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
