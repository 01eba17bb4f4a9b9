// SPDX-License-Identifier: Apache-2.0
// Steps through the operations with the size that it was compiled with.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-steps-with-sizeof";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        sotto_program program = *candidate.program;
        program.operation_stride = sizeof(sotto_operation);
        sotto_candidate other = candidate;
        other.program = &program;
        HonestModel::score(other, result);
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
