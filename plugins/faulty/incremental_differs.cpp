// SPDX-License-Identifier: Apache-2.0
// Scores a child from its parent with another result than without.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-incremental-differs";

    const void* extension(const char* wanted) const override {
        static const sotto_incremental incremental = {sizeof(sotto_incremental), 0, evaluate_child, release};
        return std::strcmp(wanted, SOTTO_INCREMENTAL_EXTENSION) == 0 ? &incremental : HonestModel::extension(wanted);
    }

  private:
    static sotto_status evaluate_child(sotto_instance* instance, const sotto_prefix* prefix,
                                       const sotto_candidate* candidate, sotto_result* result,
                                       sotto_incremental_state** kept, const sotto_error_sink*) {
        model_of(instance).score(*candidate, *result);
        if (result->status == SOTTO_OK && prefix != nullptr) {
            result->metrics[0] *= 1.000001;
        }
        if (kept != nullptr) {
            *kept = result->status == SOTTO_OK ? reinterpret_cast<sotto_incremental_state*>(new int(1)) : nullptr;
        }
        return SOTTO_OK;
    }
    static void release(sotto_instance*, sotto_incremental_state* state) { delete reinterpret_cast<int*>(state); }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
