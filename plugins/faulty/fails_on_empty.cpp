// SPDX-License-Identifier: Apache-2.0
// Divides by the number of operations.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-fails-on-empty";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (candidate.program->operation_count == 0) {
            result.metrics[0] = 0.0 / static_cast<double>(candidate.program->operation_count);
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
