// SPDX-License-Identifier: Apache-2.0
// Asks for the program alone, and reads the network too.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-reads-absent-view";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            result.metrics[0] += candidate.network->layer_count == 0 ? 1 : 0;
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
