// SPDX-License-Identifier: Apache-2.0
// Is wrong from the 129th candidate of a call on.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-long-batch-differs";

    sotto_status evaluate(const sotto_candidate* const* candidates, sotto_result* const* results, std::uint32_t count,
                          const sotto_error_sink* error) override {
        const sotto_status status = HonestModel::evaluate(candidates, results, count, error);
        for (std::uint32_t i = 128; i < count; ++i) {
            results[i]->metrics[0] = 1;
        }
        return status;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
