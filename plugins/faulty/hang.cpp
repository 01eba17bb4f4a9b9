// SPDX-License-Identifier: Apache-2.0
// Never returns.
#include <chrono>
#include <thread>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-hang";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        HonestModel::score(candidate, result);
        if (strikes(candidate)) {
            for (;;) {
                std::this_thread::sleep_for(std::chrono::seconds(1));
            }
        }
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
