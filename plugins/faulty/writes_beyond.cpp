// SPDX-License-Identifier: Apache-2.0
// Writes one metric more than it declares.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-writes-beyond";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate) && result.operation_values == nullptr) {
            result.metrics[metric_count] = 0;
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
