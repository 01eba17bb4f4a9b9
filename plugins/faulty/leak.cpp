// SPDX-License-Identifier: Apache-2.0
// Forgets a little memory with every candidate.
#include <cstring>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-leak";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            char* volatile forgotten = new char[200];
            std::memset(forgotten, 1, 200);
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
