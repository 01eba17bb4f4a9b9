// SPDX-License-Identifier: Apache-2.0
// Refuses candidates without saying why.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-silent-failure";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        const sotto_error_sink silence = {sizeof(sotto_error_sink), 0, nullptr,
                                          [](const sotto_error_sink*, const char*) {}};
        sotto_result quiet = result;
        quiet.error = &silence;
        HonestModel::score(candidate, quiet);
        result.status = quiet.status;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
