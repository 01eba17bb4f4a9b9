// SPDX-License-Identifier: Apache-2.0
// Offers two plug-ins of one kind under one id.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-duplicate-id";
};

struct Twins : Library<Model> {
    static std::uint32_t count(const sotto_factory*) { return 2; }
    static const sotto_descriptor* descriptor(const sotto_factory* factory, std::uint32_t index) {
        return index < 2 ? Library<Model>::descriptor(factory, 0) : nullptr;
    }
    static const sotto_factory* get_factory(const char* id) {
        static const sotto_factory factory = {sizeof(sotto_factory), 0, count, descriptor, create};
        return std::strcmp(id, SOTTO_COST_MODEL_FACTORY) == 0 ? &factory : nullptr;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Twins)
