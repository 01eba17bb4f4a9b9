// SPDX-License-Identifier: Apache-2.0
// Its metrics stand so far apart that the second is nowhere.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-huge-stride";

    static sotto_descriptor describe() {
        sotto_descriptor descriptor = HonestModel::describe();
        descriptor.metric_stride = 0x1000'0000;
        return descriptor;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
