// SPDX-License-Identifier: Apache-2.0
// Lets an exception cross the border.
#include <stdexcept>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-throws";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            throw std::out_of_range("table index 7 of 3");
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
