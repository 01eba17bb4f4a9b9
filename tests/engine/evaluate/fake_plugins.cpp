// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/evaluate/fake_plugins.hpp"

#include <cassert>
#include <utility>

#include "engine/arch/network_builder.hpp"

namespace sotto::evaluate::test {
namespace {

struct FakeInstance {
    sotto_instance instance;
    FakePlugin* plugin;
};

struct FakeFactory {
    sotto_factory factory;
    plugin::Kind kind;
    std::vector<FakePlugin*> plugins;
    std::deque<sotto_metric> metrics;
    std::deque<sotto_descriptor> descriptors;
};

std::vector<FakePlugin*>* current = nullptr;
FakeFactory factories[2];

sotto_status evaluate_batch(sotto_instance* instance, const sotto_candidate* const* candidates,
                            sotto_result* const* results, uint32_t count, const sotto_error_sink*) {
    FakePlugin& fake = *static_cast<FakeInstance*>(instance->plugin_data)->plugin;
    if (fake.begin_call) {
        fake.begin_call(instance);
    }
    ++fake.calls;
    std::size_t largest = fake.largest_call;
    while (largest < count && !fake.largest_call.compare_exchange_weak(largest, count)) {
    }
    for (uint32_t i = 0; i < count; ++i) {
        ++fake.scored;
        std::string text;
        results[i]->status = fake.score(*candidates[i], results[i]->metrics[0], text);
        if (results[i]->status != SOTTO_OK) {
            results[i]->error->report(results[i]->error, text.c_str());
        }
    }
    if (fake.end_call) {
        fake.end_call(instance);
    }
    return SOTTO_OK;
}

void destroy(sotto_instance* instance) {
    delete static_cast<FakeInstance*>(instance->plugin_data);
}

FakeFactory& of(const sotto_factory* factory) {
    return &factories[0].factory == factory ? factories[0] : factories[1];
}

uint32_t count(const sotto_factory* factory) {
    return static_cast<uint32_t>(of(factory).plugins.size());
}

const sotto_descriptor* descriptor(const sotto_factory* factory, uint32_t index) {
    return &of(factory).descriptors[index];
}

sotto_status create(const sotto_factory* factory, const sotto_host*, const char* id, const sotto_argument* const*,
                    uint32_t, sotto_instance** instance, const sotto_error_sink*) {
    for (FakePlugin* fake : of(factory).plugins) {
        if (fake->id == id) {
            ++fake->instances;
            auto* made = new FakeInstance{{sizeof(sotto_instance), 0, nullptr, destroy, evaluate_batch, nullptr}, fake};
            made->instance.plugin_data = made;
            *instance = &made->instance;
            return SOTTO_OK;
        }
    }
    return SOTTO_INVALID_ARGUMENT;
}

void fill(FakeFactory& made, plugin::Kind kind) {
    made.factory = {sizeof(sotto_factory), 0, count, descriptor, create};
    made.plugins.clear();
    made.metrics.clear();
    made.descriptors.clear();
    for (FakePlugin* fake : *current) {
        if (fake->kind != kind) {
            continue;
        }
        made.plugins.push_back(fake);
        made.metrics.push_back(
            {sizeof(sotto_metric), SOTTO_DIRECTION_MINIMIZE, 0, 0, fake->metric.c_str(), "1", "A number"});
        sotto_descriptor described{};
        described.struct_size = sizeof described;
        described.id = fake->id.c_str();
        described.version = "1";
        described.description = "A plug-in of a test";
        described.needs = SOTTO_NEEDS_NETWORK;
        if (fake->needs_program) {
            described.needs |= SOTTO_NEEDS_PROGRAM;
        }
        described.capabilities = SOTTO_CAPABILITY_DETERMINISTIC;
        described.thread_level = static_cast<int32_t>(fake->thread_level);
        described.metric_count = 1;
        described.metric_stride = sizeof(sotto_metric);
        described.metrics = &made.metrics.back();
        described.typical_cost_us = fake->typical_cost_us;
        made.descriptors.push_back(described);
    }
}

sotto_status init(const char*, const sotto_host*, const sotto_error_sink*) {
    return SOTTO_OK;
}

void deinit() {}

const sotto_factory* get_factory(const char* id) {
    const plugin::Kind kind =
        std::string(id) == SOTTO_COST_MODEL_FACTORY ? plugin::Kind::cost_model : plugin::Kind::accuracy_proxy;
    FakeFactory& factory = factories[kind == plugin::Kind::cost_model ? 0 : 1];
    fill(factory, kind);
    return factory.plugins.empty() ? nullptr : &factory.factory;
}

const sotto_plugin_entry_v1 entry = {SOTTO_PLUGIN_ABI_VERSION, sizeof(sotto_plugin_entry_v1), init, deinit,
                                     get_factory};

}  // namespace

Fakes::Fakes() {
    assert(current == nullptr);
}

Fakes::~Fakes() {
    registry_.reset();
}

FakePlugin& Fakes::add(const std::string& id, double typical_cost_us) {
    return plugins_.emplace_back(id, typical_cost_us);
}

plugin::Registry& Fakes::registry() {
    if (!registry_) {
        registry_ = std::make_unique<plugin::Registry>(
            plugin::HostServices{.log = {}, .is_cancelled = [this] { return cancel.load(); }});
        std::vector<FakePlugin*> all;
        for (FakePlugin& fake : plugins_) {
            all.push_back(&fake);
        }
        if (!all.empty()) {
            current = &all;
            registry_->add_built_in(entry, "test");
            current = nullptr;
        }
    }
    return *registry_;
}

PipelineOptions Fakes::options() const {
    PipelineOptions options;
    options.threads = 1;
    for (const FakePlugin& fake : plugins_) {
        options.stages.push_back({fake.kind, fake.id, {}, {}});
    }
    return options;
}

arch::Network small_network(int channels, const std::string& name) {
    arch::NetworkBuilder builder;
    builder.reset(name);
    arch::Window window;
    window.kernel_height = window.kernel_width = 3;
    window.pad_top = window.pad_bottom = window.pad_left = window.pad_right = 1;
    const auto input = builder.add_input(name + "-input", {3, 8, 8});
    const auto convolution = builder.add_convolution(name + "-conv", input, channels, window);
    const auto relu = builder.add_activation(name + "-relu", convolution, arch::Activation::relu);
    return builder.finish(builder.add_global_pool(name + "-pool", relu, arch::LayerKind::global_average_pool));
}

arch::Network depthwise_network() {
    arch::NetworkBuilder builder;
    builder.reset("depthwise");
    arch::Window window;
    window.kernel_height = window.kernel_width = 3;
    const auto input = builder.add_input("image", {8, 8, 8});
    return builder.finish(builder.add_convolution("spread", input, 8, window, 8));
}

Source networks(const std::vector<arch::Network>& list) {
    return [&list](std::size_t index, std::size_t, std::string&) { return &list[index]; };
}

std::vector<arch::Network> small_networks(const std::vector<int>& channels) {
    std::vector<arch::Network> list;
    list.reserve(channels.size());
    for (const int number : channels) {
        list.push_back(small_network(number));
    }
    return list;
}

}  // namespace sotto::evaluate::test
