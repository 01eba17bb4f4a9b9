// SPDX-License-Identifier: Apache-2.0
// Declares that the values of the operations add up to a metric, and forgets a part of each.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-does-not-add-up";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        for (std::uint32_t i = 0; result.operation_values != nullptr && i < candidate.program->operation_count; ++i) {
            result.operation_values[std::size_t{metric_count} * i] *= 0.99;
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
