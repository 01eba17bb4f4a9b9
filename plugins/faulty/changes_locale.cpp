// SPDX-License-Identifier: Apache-2.0
// Sets the locale of the process.
#include <clocale>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-changes-locale";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            std::setlocale(LC_ALL, "C.UTF-8");
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
