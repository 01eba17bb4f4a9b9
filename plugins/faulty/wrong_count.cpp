// SPDX-License-Identifier: Apache-2.0
// Says that it scored the whole call, and leaves the last record of it as it was.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-wrong-count";

    sotto_status evaluate(const sotto_candidate* const* candidates, sotto_result* const* results, std::uint32_t count,
                          const sotto_error_sink* error) override {
        return HonestModel::evaluate(candidates, results, count - (strikes(*candidates[count - 1]) ? 1 : 0), error);
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
