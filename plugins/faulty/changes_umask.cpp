// SPDX-License-Identifier: Apache-2.0
// Sets the umask.
#include <sys/stat.h>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-changes-umask";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            umask(0777);
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
