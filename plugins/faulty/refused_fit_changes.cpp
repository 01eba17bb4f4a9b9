// SPDX-License-Identifier: Apache-2.0
// A fit that it refuses changes its results all the same.
#include "plugins/faulty/calibrated_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : CalibratedModel<Model> {
    using CalibratedModel<Model>::CalibratedModel;
    static constexpr const char* id = "faulty-refused-fit-changes";

    static bool fit_factor(double& factor, const sotto_measurement* const* measurements, std::uint32_t count) {
        factor = count > 2 ? 2 : 3;
        return count > 2 && measurements[0]->value > 0;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
