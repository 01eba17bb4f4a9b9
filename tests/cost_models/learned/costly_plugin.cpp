// SPDX-License-Identifier: Apache-2.0
#include "tests/cost_models/learned/costly_plugin.hpp"

#include <cstdint>
#include <vector>

#include "engine/plugin/description.hpp"

extern "C" const sotto_plugin_entry_v1 sotto_learned_entry;

namespace sotto::sample {
namespace {

const sotto_factory* real_factory() {
    return sotto_learned_entry.get_factory(SOTTO_COST_MODEL_FACTORY);
}

std::uint32_t count(const sotto_factory* /*factory*/) {
    return real_factory()->count(real_factory());
}

const sotto_descriptor* descriptor(const sotto_factory* /*factory*/, std::uint32_t index) {
    static const std::vector<sotto_descriptor> costly = [] {
        std::vector<sotto_descriptor> all;
        for (std::uint32_t i = 0; i < count(nullptr); ++i) {
            all.push_back(*real_factory()->descriptor(real_factory(), i));
            all.back().typical_cost_us = plugin::costly_from_us;
        }
        return all;
    }();
    return index < costly.size() ? &costly[index] : nullptr;
}

sotto_status create(const sotto_factory* /*factory*/, const sotto_host* host, const char* id,
                    const sotto_argument* const* arguments, std::uint32_t argument_count, sotto_instance** instance,
                    const sotto_error_sink* error) {
    return real_factory()->create(real_factory(), host, id, arguments, argument_count, instance, error);
}

const sotto_factory* get_factory(const char* id) {
    static const sotto_factory factory = {sizeof factory, 0, count, descriptor, create};
    return sotto_learned_entry.get_factory(id) == nullptr ? nullptr : &factory;
}

}  // namespace

const sotto_plugin_entry_v1& learned_plugin_entry() {
    return sotto_learned_entry;
}

const sotto_plugin_entry_v1& costly_learned_plugin_entry() {
    static const sotto_plugin_entry_v1 entry = [] {
        sotto_plugin_entry_v1 made = sotto_learned_entry;
        made.get_factory = get_factory;
        return made;
    }();
    return entry;
}

}  // namespace sotto::sample
