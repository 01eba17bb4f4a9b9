// SPDX-License-Identifier: Apache-2.0
// Sets the rounding mode in create.
#include <cfenv>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-rounds-in-create";
};

struct Spoiled : Library<Model> {
    static sotto_status create(const sotto_factory* factory, const sotto_host* host, const char* plugin_id,
                               const sotto_argument* const* arguments, std::uint32_t argument_count,
                               sotto_instance** instance, const sotto_error_sink* error) {
        std::fesetround(FE_UPWARD);
        return Library<Model>::create(factory, host, plugin_id, arguments, argument_count, instance, error);
    }

    static const sotto_factory* get_factory(const char* id) {
        static const sotto_factory factory = {sizeof(sotto_factory), 0, count, descriptor, create};
        return std::strcmp(id, SOTTO_COST_MODEL_FACTORY) == 0 ? &factory : nullptr;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Spoiled)
