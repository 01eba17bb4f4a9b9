// SPDX-License-Identifier: Apache-2.0
// Forgets some memory in each create.
#include <atomic>
#include <cstdlib>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-leaks-in-create";
};

struct Spoiled : Library<Model> {
    static sotto_status create(const sotto_factory* factory, const sotto_host* host, const char* plugin_id,
                               const sotto_argument* const* arguments, std::uint32_t argument_count,
                               sotto_instance** instance, const sotto_error_sink* error) {
        static std::atomic<void*> forgotten{nullptr};
        forgotten = std::malloc(400);
        return Library<Model>::create(factory, host, plugin_id, arguments, argument_count, instance, error);
    }

    static const sotto_factory* get_factory(const char* id) {
        static const sotto_factory factory = {sizeof(sotto_factory), 0, count, descriptor, create};
        return std::strcmp(id, SOTTO_COST_MODEL_FACTORY) == 0 ? &factory : nullptr;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Spoiled)
