// SPDX-License-Identifier: Apache-2.0
// Forgets some memory for each candidate that it cannot score.
#include <cstdlib>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-leaks-in-refusals";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (result.status != SOTTO_OK) {
            forgotten_ = std::malloc(400);
        }
    }

  private:
    void* volatile forgotten_ = nullptr;
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
