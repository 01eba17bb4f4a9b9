// SPDX-License-Identifier: Apache-2.0
// Takes an operation that it does not know for one that costs nothing.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-scores-the-unknown";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (result.status == SOTTO_UNSUPPORTED) {
            result.status = SOTTO_OK;
            result.metrics[0] = 0;
            result.metrics[1] = 0;
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
