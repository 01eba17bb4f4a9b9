// SPDX-License-Identifier: Apache-2.0
// Gives a value that is no number.
#include <limits>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-nan";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            result.metrics[0] = std::numeric_limits<double>::quiet_NaN();
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
