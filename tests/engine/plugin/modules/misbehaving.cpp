// SPDX-License-Identifier: Apache-2.0
// A library that loads well and whose plug-ins break the contract while they work, each in its own way. The candidate's
// seed chooses the victim: only seed 13 is treated badly, unless said otherwise.
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string_view>

#include "sotto/plugin.h"

namespace {

constexpr std::uint64_t victim = 13;

constexpr std::array<const char*, 14> ids = {
    "creates-nothing", "writes-too-many", "throws", "throws-number", "gives-nan", "gives-infinity", "gives-negative",
    "forgets-metric",  "forgets-status",  "fails",  "fails-batch",   "cancels",   "cannot-create",  "half-made"};

const sotto_metric metrics[] = {
    {sizeof(sotto_metric), SOTTO_DIRECTION_MINIMIZE, SOTTO_METRIC_NON_NEGATIVE, 0, "latency.total_ms", "ms", "first"},
    {sizeof(sotto_metric), SOTTO_DIRECTION_NEUTRAL, 0, 0, "balance", "1", "second, may be negative"},
};

struct Model {
    sotto_instance instance;
    std::string_view id;
};

sotto_status evaluate_batch(sotto_instance* instance, const sotto_candidate* const* candidates,
                            sotto_result* const* results, std::uint32_t count, const sotto_error_sink* error) {
    const std::string_view id = static_cast<Model*>(instance->plugin_data)->id;
    for (std::uint32_t i = 0; i < count; ++i) {
        sotto_result& result = *results[i];
        result.status = SOTTO_OK;
        result.metrics[0] = 1;
        result.metrics[1] = -static_cast<double>(candidates[i]->seed);
        if (candidates[i]->seed != victim) {
            continue;
        }
        if (id == "throws") {
            throw std::runtime_error("index out of range");
        }
        if (id == "throws-number") {
            throw 42;
        }
        if (id == "gives-nan") {
            result.metrics[1] = std::nan("");
        } else if (id == "gives-infinity") {
            result.metrics[0] = std::numeric_limits<double>::infinity();
        } else if (id == "gives-negative") {
            result.metrics[0] = -2.5;
        } else if (id == "writes-too-many") {
            result.metrics[2] = 3;
        } else if (id == "fails") {
            result.status = SOTTO_OUT_OF_MEMORY;
            result.error->report(result.error, "first");
            result.error->report(result.error, "no room for weights");
        } else if (id == "fails-batch") {
            error->report(error, "table is corrupt");
            return SOTTO_INTERNAL;
        } else if (id == "cancels") {
            result.status = SOTTO_CANCELLED;
        }
    }
    return SOTTO_OK;
}

sotto_status evaluate_forgetfully(sotto_instance* instance, const sotto_candidate* const* candidates,
                                  sotto_result* const* results, std::uint32_t count, const sotto_error_sink* error) {
    const std::string_view id = static_cast<Model*>(instance->plugin_data)->id;
    for (std::uint32_t i = 0; i < count; ++i) {
        const bool forgets = candidates[i]->seed == victim;
        results[i]->metrics[0] = 1;
        if (!(forgets && id == "forgets-metric")) {
            results[i]->metrics[1] = 2;
        }
        if (!(forgets && id == "forgets-status")) {
            results[i]->status = SOTTO_OK;
        }
    }
    static_cast<void>(error);
    return SOTTO_OK;
}

void destroy(sotto_instance* instance) {
    delete static_cast<Model*>(instance->plugin_data);
}

sotto_status throw_per_operation(sotto_instance* /*instance*/, const sotto_candidate* const* /*candidates*/,
                                 sotto_result* const* /*results*/, std::uint32_t /*count*/,
                                 const sotto_error_sink* /*error*/) {
    throw std::runtime_error("no breakdown today");
}

sotto_status forget_per_operation(sotto_instance* /*instance*/, const sotto_candidate* const* /*candidates*/,
                                  sotto_result* const* results, std::uint32_t count,
                                  const sotto_error_sink* /*error*/) {
    for (std::uint32_t i = 0; i < count; ++i) {
        results[i]->status = SOTTO_OK;
    }
    return SOTTO_OK;
}

const sotto_per_operation throwing_extension = {sizeof(sotto_per_operation), 0, throw_per_operation};
const sotto_per_operation forgetful_extension = {sizeof(sotto_per_operation), 0, forget_per_operation};

// What is wrong with the metrics is wrong with the deviations.
const sotto_uncertainty uncertainty = {sizeof(sotto_uncertainty), 0, evaluate_batch};
const sotto_uncertainty forgetful_uncertainty = {sizeof(sotto_uncertainty), 0, evaluate_forgetfully};

const void* get_extension(const sotto_instance* instance, const char* extension) {
    const std::string_view id = static_cast<Model*>(instance->plugin_data)->id;
    if (std::strcmp(extension, SOTTO_UNCERTAINTY_EXTENSION) == 0) {
        return id.starts_with("forgets") ? &forgetful_uncertainty : &uncertainty;
    }
    if (id == "throws") {
        return &throwing_extension;
    }
    return id == "forgets-metric" ? &forgetful_extension : nullptr;
}

sotto_status create(const sotto_factory* /*factory*/, const sotto_host* /*host*/, const char* plugin_id,
                    const sotto_argument* const* /*arguments*/, std::uint32_t /*count*/, sotto_instance** instance,
                    const sotto_error_sink* error) {
    const std::string_view id = plugin_id;
    if (id == "cannot-create") {
        error->report(error, "model file is missing");
        return SOTTO_INVALID_ARGUMENT;
    }
    if (id == "creates-nothing") {
        return SOTTO_OK;
    }
    auto* model = new Model{{}, {}};
    for (const char* known : ids) {
        if (id == known) {
            model->id = known;
        }
    }
    const bool is_forgetful = id.starts_with("forgets");
    model->instance = {sizeof(sotto_instance), 0, model, destroy, is_forgetful ? evaluate_forgetfully : evaluate_batch,
                       get_extension};
    if (id == "half-made") {
        static sotto_instance half{};
        half = {sizeof(sotto_instance), 0, nullptr, destroy, nullptr, nullptr};
        delete model;
        *instance = &half;
        return SOTTO_OK;
    }
    *instance = &model->instance;
    return SOTTO_OK;
}

std::uint32_t count(const sotto_factory* /*factory*/) {
    return static_cast<std::uint32_t>(ids.size());
}

const sotto_descriptor* descriptor(const sotto_factory* /*factory*/, std::uint32_t index) {
    static std::array<sotto_descriptor, ids.size()> descriptors;
    descriptors[index] = {sizeof(sotto_descriptor),
                          SOTTO_NEEDS_PROGRAM,
                          SOTTO_CAPABILITY_DETERMINISTIC,
                          SOTTO_THREADS_INSTANCE,
                          ids[index],
                          "1",
                          "breaks the contract",
                          2,
                          sizeof(sotto_metric),
                          metrics,
                          0,
                          0,
                          nullptr,
                          nullptr,
                          nullptr,
                          0,
                          0,
                          1,
                          0,
                          0};
    return &descriptors[index];
}

const sotto_factory factory = {sizeof(sotto_factory), 0, count, descriptor, create};

sotto_status init(const char* /*path*/, const sotto_host* /*host*/, const sotto_error_sink* /*error*/) {
    return SOTTO_OK;
}

void deinit() {}

const sotto_factory* get_factory(const char* factory_id) {
    return std::strcmp(factory_id, SOTTO_COST_MODEL_FACTORY) == 0 ? &factory : nullptr;
}

}  // namespace

const sotto_plugin_entry_v1 sotto_plugin_entry = {SOTTO_PLUGIN_ABI_VERSION, sizeof(sotto_plugin_entry_v1), init, deinit,
                                                  get_factory};
