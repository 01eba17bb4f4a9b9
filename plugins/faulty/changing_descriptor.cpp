// SPDX-License-Identifier: Apache-2.0
// Its descriptor says something else each time, in the same place.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-changing-descriptor";
};

struct Spoiled : Library<Model> {
    static const sotto_descriptor* descriptor(const sotto_factory* factory, std::uint32_t index) {
        static sotto_descriptor changing = *Library<Model>::descriptor(factory, 0);
        changing.typical_cost_us += 1;
        return index == 0 ? &changing : nullptr;
    }
    static std::uint32_t count(const sotto_factory*) { return 1; }

    static const sotto_factory* get_factory(const char* id) {
        static const sotto_factory factory = {sizeof(sotto_factory), 0, count, descriptor, create};
        return std::strcmp(id, SOTTO_COST_MODEL_FACTORY) == 0 ? &factory : nullptr;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Spoiled)
