// SPDX-License-Identifier: Apache-2.0
// Looks at the operation behind the last one.
#include <atomic>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-reads-beyond";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        const sotto_program& program = *candidate.program;
        if (result.status == SOTTO_OK && program.operation_count > 1) {
            looked_at_.store(sotto_operation_at(&program, program.operation_count)->kind, std::memory_order_relaxed);
        }
    }

  private:
    std::atomic<std::int32_t> looked_at_{0};
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
