// SPDX-License-Identifier: Apache-2.0
// Declares more metrics than there can be.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-huge-metric-list";

    static sotto_descriptor describe() {
        sotto_descriptor descriptor = HonestModel::describe();
        descriptor.metric_count = 4000000000U;
        return descriptor;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
