// SPDX-License-Identifier: Apache-2.0
// Each fit is on top of the one before.
#include "plugins/faulty/calibrated_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : CalibratedModel<Model> {
    using CalibratedModel<Model>::CalibratedModel;
    static constexpr const char* id = "faulty-fits-on-top";

    static bool fit_factor(double& factor, const sotto_measurement* const* measurements, std::uint32_t count) {
        if (count == 0 || !(measurements[0]->value > 0)) {
            return false;
        }
        factor *= 1 + 1 / (1 + measurements[0]->value);
        return true;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
