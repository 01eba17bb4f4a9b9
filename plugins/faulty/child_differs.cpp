// SPDX-License-Identifier: Apache-2.0
// Takes a child that goes on where its parent ended for the parent.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-child-differs";

    const void* extension(const char* wanted) const override {
        static const sotto_incremental incremental = {sizeof(sotto_incremental), 0, evaluate_child, release};
        return std::strcmp(wanted, SOTTO_INCREMENTAL_EXTENSION) == 0 ? &incremental : HonestModel::extension(wanted);
    }

  private:
    struct State {
        std::uint32_t operations;
        double total;
    };

    static sotto_status evaluate_child(sotto_instance* instance, const sotto_prefix* prefix,
                                       const sotto_candidate* candidate, sotto_result* result,
                                       sotto_incremental_state** kept, const sotto_error_sink*) {
        model_of(instance).score(*candidate, *result);
        if (prefix != nullptr && result->status == SOTTO_OK) {
            const auto& parent = *reinterpret_cast<const State*>(prefix->parent);
            if (prefix->operations == parent.operations) {
                result->metrics[0] = parent.total;
            }
        }
        if (kept != nullptr) {
            *kept = result->status == SOTTO_OK ? reinterpret_cast<sotto_incremental_state*>(
                                                     new State{candidate->program->operation_count, result->metrics[0]})
                                               : nullptr;
        }
        return SOTTO_OK;
    }
    static void release(sotto_instance*, sotto_incremental_state* state) { delete reinterpret_cast<State*>(state); }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
