// SPDX-License-Identifier: Apache-2.0
// Compares no more of a name than its own length, in the factory and in get_factory.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-any-name";
};

struct Lenient : Library<Model> {
    static sotto_status create(const sotto_factory* factory, const sotto_host* host, const char* plugin_id,
                               const sotto_argument* const* arguments, std::uint32_t count, sotto_instance** instance,
                               const sotto_error_sink* error) {
        const bool begins_well = std::strncmp(plugin_id, Model::id, std::strlen(Model::id)) == 0;
        return Library<Model>::create(factory, host, begins_well ? Model::id : plugin_id, arguments, count, instance,
                                      error);
    }
    static const sotto_factory* get_factory(const char* id) {
        static const sotto_factory factory = {sizeof(sotto_factory), 0, count, descriptor, create};
        const std::size_t length = std::strlen(SOTTO_COST_MODEL_FACTORY);
        return std::strncmp(id, SOTTO_COST_MODEL_FACTORY, length) == 0 ? &factory : nullptr;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Lenient)
