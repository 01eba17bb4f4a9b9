// SPDX-License-Identifier: Apache-2.0
// Writes into the candidate, and puts back what was there.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-writes-candidate";

    void score(const sotto_candidate& candidate, sotto_result& result) override {
        auto& marked = const_cast<sotto_candidate&>(candidate);
        marked.reserved = 1;
        HonestModel::score(candidate, result);
        marked.reserved = 0;
    }
    static sotto_descriptor describe() {
        sotto_descriptor descriptor = HonestModel::describe();
        descriptor.thread_level = SOTTO_THREADS_INSTANCE;
        return descriptor;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
