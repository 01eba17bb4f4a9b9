// SPDX-License-Identifier: Apache-2.0
// Takes its time to say what it is.
#include <chrono>
#include <thread>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-slow-scan";

    static sotto_descriptor describe() {
        sotto_descriptor descriptor = HonestModel::describe();
        std::this_thread::sleep_for(std::chrono::milliseconds(400));
        return descriptor;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
