// SPDX-License-Identifier: Apache-2.0
// Its description is not UTF-8.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-text-not-utf8";
    static const char* text() { return "g\xfcnstig"; }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
