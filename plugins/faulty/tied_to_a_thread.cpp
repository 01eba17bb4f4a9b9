// SPDX-License-Identifier: Apache-2.0
// Crashes where destroy comes from another thread than create.
#include <csignal>
#include <thread>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-tied-to-a-thread";

    ~Model() override {
        if (std::this_thread::get_id() != maker_) {
            std::raise(SIGSEGV);
        }
    }

  private:
    std::thread::id maker_ = std::this_thread::get_id();
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
