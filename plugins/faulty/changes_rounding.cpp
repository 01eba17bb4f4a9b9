// SPDX-License-Identifier: Apache-2.0
// Sets the rounding of the calling thread and leaves it so.
#include <cfenv>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-changes-rounding";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            std::fesetround(FE_UPWARD);
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
