// SPDX-License-Identifier: Apache-2.0
// Divides by a parameter that may be zero.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-infinite-at-extreme";

    double milliseconds_of(const sotto_operation& operation) override { return operation.kind / setup().scale; }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
