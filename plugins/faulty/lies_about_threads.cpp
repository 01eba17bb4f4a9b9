// SPDX-License-Identifier: Apache-2.0
// Declares that any calls may run at once, and keeps the sum of the call in the instance.
#include <atomic>
#include <thread>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-lies-about-threads";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (result.status != SOTTO_OK || !strikes(candidate)) {
            return;
        }
        sum_ = 0;
        for (std::uint32_t i = 0; i < candidate.program->operation_count; ++i) {
            sum_ = sum_ + milliseconds_of(*sotto_operation_at(candidate.program, i));
            std::this_thread::yield();
        }
        result.metrics[0] = sum_;
    }

  private:
    std::atomic<double> sum_ = 0;  // atomic, so that the fault is the answer and not undefined behaviour
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
