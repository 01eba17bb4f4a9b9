// SPDX-License-Identifier: Apache-2.0
// Reads the first measurement where there is none.
#include "plugins/faulty/calibrated_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : CalibratedModel<Model> {
    using CalibratedModel<Model>::CalibratedModel;
    static constexpr const char* id = "faulty-fit-reads-nothing";

    static bool fit_factor(double& factor, const sotto_measurement* const* measurements, std::uint32_t count) {
        if (measurements[0]->value > 0) {
            factor = count > 0 ? 2 : 1;
        }
        return measurements[0]->value > 0;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
