// SPDX-License-Identifier: Apache-2.0
// Sets the working directory of the process.
#include <unistd.h>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-changes-directory";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            changed_ = chdir("/") == 0;
        }
    }

  private:
    bool changed_ = false;
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
