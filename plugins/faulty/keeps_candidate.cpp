// SPDX-License-Identifier: Apache-2.0
// Reads a candidate after the call that gave it.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-keeps-candidate";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        if (before_ != nullptr) {
            looked_at_ = before_->elements;
        }
        HonestModel::score(candidate, result);
        before_ = candidate.program->operation_count > 0 ? candidate.program->operations : nullptr;
    }
    static sotto_descriptor describe() {
        sotto_descriptor descriptor = HonestModel::describe();
        descriptor.thread_level = SOTTO_THREADS_INSTANCE;
        return descriptor;
    }

  private:
    const sotto_operation* before_ = nullptr;
    volatile std::int64_t looked_at_ = 0;
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
