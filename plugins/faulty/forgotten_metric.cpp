// SPDX-License-Identifier: Apache-2.0
// Answers with success and leaves one of its metrics unwritten.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-forgotten-metric";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        const double as_it_was = result.metrics[1];
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            result.metrics[1] = as_it_was;
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
