// SPDX-License-Identifier: Apache-2.0
// Works on for as long as it takes, whatever the host says.
#include <chrono>
#include <thread>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-ignores-cancellation";

    sotto_status evaluate(const sotto_candidate* const* candidates, sotto_result* const* results, std::uint32_t count,
                          const sotto_error_sink*) override {
        for (std::uint32_t i = 0; i < count; ++i) {
            std::this_thread::sleep_for(std::chrono::microseconds(100));
            score(*candidates[i], *results[i]);
        }
        return SOTTO_OK;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
