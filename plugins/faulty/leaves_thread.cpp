// SPDX-License-Identifier: Apache-2.0
// Starts a thread that outlives the instance.
#include <chrono>
#include <thread>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    static constexpr const char* id = "faulty-leaves-thread";

    explicit Model(const Setup& given) : HonestModel(given) {
        std::thread([] {
            for (;;) {
                std::this_thread::sleep_for(std::chrono::seconds(1));
            }
        }).detach();
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
