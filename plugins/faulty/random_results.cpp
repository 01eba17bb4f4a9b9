// SPDX-License-Identifier: Apache-2.0
// Declares that it is deterministic, and every call gives another value.
#include <atomic>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-random-results";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            result.metrics[0] += 0.001 * static_cast<double>(++calls_);
        }
    }

  private:
    std::atomic<std::uint64_t> calls_ = 0;
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
