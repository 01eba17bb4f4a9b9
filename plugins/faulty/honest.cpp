// SPDX-License-Identifier: Apache-2.0
// Breaks no rule: what the others are compared with.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "honest";
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
