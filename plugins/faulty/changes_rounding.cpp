// SPDX-License-Identifier: Apache-2.0
// Sets the rounding of the calling thread and leaves it so.
#include <cfenv>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-changes-rounding";

    sotto_status evaluate(const sotto_candidate* const* candidates, sotto_result* const* results, std::uint32_t count,
                          const sotto_error_sink* error) override {
        const sotto_status status = HonestModel::evaluate(candidates, results, count, error);
        if (strikes(*candidates[0])) {
            std::fesetround(FE_UPWARD);
        }
        return status;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
