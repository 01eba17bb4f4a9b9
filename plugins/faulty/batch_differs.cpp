// SPDX-License-Identifier: Apache-2.0
// Gives another value for a candidate that does not come alone.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-batch-differs";

    sotto_status evaluate(const sotto_candidate* const* candidates, sotto_result* const* results, std::uint32_t count,
                          const sotto_error_sink* error) override {
        const sotto_status status = HonestModel::evaluate(candidates, results, count, error);
        for (std::uint32_t i = 0; status == SOTTO_OK && count > 1 && i < count; ++i) {
            if (results[i]->status == SOTTO_OK) {
                results[i]->metrics[0] *= 0.5;
            }
        }
        return status;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
