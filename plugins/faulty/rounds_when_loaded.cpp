// SPDX-License-Identifier: Apache-2.0
// Sets the rounding mode when it is loaded, as a library linked with -ffast-math sets that of denormal numbers.
#include <cfenv>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

[[maybe_unused]] const int set_when_loaded = std::fesetround(FE_UPWARD);

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-rounds-when-loaded";
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
