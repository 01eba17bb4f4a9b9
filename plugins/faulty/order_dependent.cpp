// SPDX-License-Identifier: Apache-2.0
// Adds to a candidate what stands before it in the call.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-order-dependent";

    sotto_status evaluate(const sotto_candidate* const* candidates, sotto_result* const* results, std::uint32_t count,
                          const sotto_error_sink* error) override {
        const sotto_status status = HonestModel::evaluate(candidates, results, count, error);
        for (std::uint32_t i = 1; status == SOTTO_OK && i < count; ++i) {
            if (results[i]->status == SOTTO_OK && results[i - 1]->status == SOTTO_OK) {
                results[i]->metrics[0] += 1e-9 * results[i - 1]->metrics[1];
            }
        }
        return status;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
