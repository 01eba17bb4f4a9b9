// SPDX-License-Identifier: Apache-2.0
// Declares a metric as non-negative and gives a negative value.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-negative";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            result.metrics[1] = -1;
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
