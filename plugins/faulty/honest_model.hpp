// SPDX-License-Identifier: Apache-2.0
// A cost model that keeps the whole contract, made to be spoiled: every faulty plug-in derives from it and breaks one
// rule. Written against the C header alone, without a net, so that the fault reaches the host as it is.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "sotto/plugin.h"

namespace sotto::faulty {

/// What the configuration says: both parameters of every faulty plug-in.
struct Setup {
    const sotto_host* host = nullptr;
    double scale = 1;         ///< parameter `scale`: multiplies every metric
    std::uint64_t every = 1;  ///< parameter `every`: the fault strikes candidates whose seed is a multiple
};

class HonestModel {
  public:
    static constexpr std::uint32_t metric_count = 2;
    static const char* text() { return "keeps the contract"; }
    static sotto_descriptor describe();

    explicit HonestModel(const Setup& given) : setup_(given) {}
    virtual ~HonestModel() = default;
    HonestModel(const HonestModel&) = delete;
    HonestModel& operator=(const HonestModel&) = delete;

    virtual double milliseconds_of(const sotto_operation& operation) {
        return setup_.scale * (0.25 * operation.kind + 1e-6 * static_cast<double>(operation.elements));
    }

    /// Status, metrics and, where there is room for them, the values of every operation.
    virtual void score(const sotto_candidate& candidate, sotto_result& result) {
        const sotto_program& program = *candidate.program;
        double total = 0;
        double bytes = 0;
        for (std::uint32_t i = 0; i < program.operation_count; ++i) {
            const sotto_operation& operation = *sotto_operation_at(&program, i);
            if (operation.kind < SOTTO_OPERATION_CONVOLUTION || operation.kind > SOTTO_OPERATION_ARGMAX) {
                const std::string reason = "operation " + std::to_string(i) + ": unknown kind";
                result.error->report(result.error, reason.c_str());
                result.status = SOTTO_UNSUPPORTED;
                return;
            }
            const double milliseconds = milliseconds_of(operation);
            const double operation_bytes = 8 * setup_.scale * static_cast<double>(operation.elements);
            total += milliseconds;
            bytes += operation_bytes;
            if (result.operation_values != nullptr) {
                double* const values = result.operation_values + std::size_t{metric_count} * i;
                values[0] = milliseconds;
                values[1] = operation_bytes;
            }
        }
        result.metrics[0] = total;
        result.metrics[1] = bytes;
        result.status = SOTTO_OK;
    }

    virtual sotto_status evaluate(const sotto_candidate* const* candidates, sotto_result* const* results,
                                  std::uint32_t count, const sotto_error_sink* error) {
        for (std::uint32_t i = 0; i < count; ++i) {
            if (setup_.host->is_cancelled(setup_.host) != 0) {
                error->report(error, "the run is being stopped");
                return SOTTO_CANCELLED;
            }
            score(*candidates[i], *results[i]);
        }
        return SOTTO_OK;
    }

    virtual const void* extension(const char* wanted) const;

  protected:
    const Setup& setup() const { return setup_; }
    bool strikes(const sotto_candidate& candidate) const {
        return setup_.every == 0 || candidate.seed % setup_.every == 0;
    }

  private:
    Setup setup_;
};

inline sotto_descriptor HonestModel::describe() {
    static const sotto_metric metrics[] = {
        {sizeof(sotto_metric), SOTTO_DIRECTION_MINIMIZE, SOTTO_METRIC_NON_NEGATIVE | SOTTO_METRIC_SUM, 0,
         "latency.total_ms", "ms", "made-up latency"},
        {sizeof(sotto_metric), SOTTO_DIRECTION_MINIMIZE, SOTTO_METRIC_NON_NEGATIVE | SOTTO_METRIC_SUM, 0,
         "traffic.total_bytes", "bytes", "made-up traffic"},
    };
    static const sotto_parameter parameters[] = {
        {sizeof(sotto_parameter), SOTTO_PARAMETER_NUMBER, 0, 0, 0, 1000, "scale", "multiplies every metric", "1",
         nullptr},
        {sizeof(sotto_parameter), SOTTO_PARAMETER_INTEGER, 0, 0, 1, 1e6, "every",
         "the fault strikes candidates whose seed is a multiple of it", "1", nullptr},
    };
    sotto_descriptor descriptor{};
    descriptor.struct_size = sizeof descriptor;
    descriptor.needs = SOTTO_NEEDS_PROGRAM;
    descriptor.capabilities = SOTTO_CAPABILITY_DETERMINISTIC;
    descriptor.thread_level = SOTTO_THREADS_SHARED;
    descriptor.version = "1";
    descriptor.metric_count = metric_count;
    descriptor.metric_stride = sizeof(sotto_metric);
    descriptor.metrics = metrics;
    descriptor.parameter_count = 2;
    descriptor.parameter_stride = sizeof(sotto_parameter);
    descriptor.parameters = parameters;
    descriptor.typical_cost_us = 1;
    return descriptor;
}

inline HonestModel& model_of(sotto_instance* instance) {
    return *static_cast<HonestModel*>(instance->plugin_data);
}

inline sotto_status evaluate_batch(sotto_instance* instance, const sotto_candidate* const* candidates,
                                   sotto_result* const* results, std::uint32_t count, const sotto_error_sink* error) {
    return model_of(instance).evaluate(candidates, results, count, error);
}

inline const void* HonestModel::extension(const char* wanted) const {
    static const sotto_per_operation per_operation = {sizeof(sotto_per_operation), 0, evaluate_batch};
    return std::strcmp(wanted, SOTTO_PER_OPERATION_EXTENSION) == 0 ? &per_operation : nullptr;
}

inline const void* get_extension(const sotto_instance* instance, const char* id) {
    return static_cast<const HonestModel*>(instance->plugin_data)->extension(id);
}

inline void destroy(sotto_instance* instance) {
    delete &model_of(instance);
    delete instance;
}

/// The functions of a library with one plug-in. `Model` derives from HonestModel and has an `id`.
template <typename Model>
struct Library {
    static std::uint32_t count(const sotto_factory*) { return 1; }

    static const sotto_descriptor* descriptor(const sotto_factory*, std::uint32_t index) {
        static const sotto_descriptor made = [] {
            sotto_descriptor begun = Model::describe();
            begun.id = Model::id;
            begun.description = Model::text();
            return begun;
        }();
        return index == 0 ? &made : nullptr;
    }

    static sotto_status create(const sotto_factory*, const sotto_host* host, const char* plugin_id,
                               const sotto_argument* const* arguments, std::uint32_t argument_count,
                               sotto_instance** instance, const sotto_error_sink* error) {
        if (std::strcmp(plugin_id, Model::id) != 0) {
            error->report(error, "unknown plug-in");
            return SOTTO_INVALID_ARGUMENT;
        }
        Setup setup{host, 1, 1};
        for (std::uint32_t i = 0; i < argument_count; ++i) {
            char* end = nullptr;
            const double value = std::strtod(arguments[i]->value, &end);
            const bool is_scale = std::strcmp(arguments[i]->name, "scale") == 0;
            const bool is_every = std::strcmp(arguments[i]->name, "every") == 0;
            if ((!is_scale && !is_every) || end == arguments[i]->value || *end != '\0' ||
                !(value >= (is_scale ? 0 : 1) && value <= (is_scale ? 1000 : 1e6)) ||
                (is_every && value != std::floor(value))) {
                error->report(error, "an argument that was not declared, or is out of its range");
                return SOTTO_INVALID_ARGUMENT;
            }
            if (is_scale) {
                setup.scale = value;
            } else {
                setup.every = static_cast<std::uint64_t>(value);
            }
        }
        *instance = new sotto_instance{
            sizeof(sotto_instance), 0, static_cast<HonestModel*>(new Model(setup)), destroy, evaluate_batch,
            get_extension};
        return SOTTO_OK;
    }

    static const sotto_factory* get_factory(const char* id) {
        static const sotto_factory factory = {sizeof(sotto_factory), 0, count, descriptor, create};
        return std::strcmp(id, SOTTO_COST_MODEL_FACTORY) == 0 ? &factory : nullptr;
    }

    static sotto_status init(const char*, const sotto_host*, const sotto_error_sink*) { return SOTTO_OK; }
    static void deinit() {}
};

}  // namespace sotto::faulty

/// The entry of a library whose functions are `Functions`, a class like Library.
#define SOTTO_FAULTY_ENTRY(...)                                                                                \
    const sotto_plugin_entry_v1 sotto_plugin_entry = {SOTTO_PLUGIN_ABI_VERSION, sizeof(sotto_plugin_entry_v1), \
                                                      __VA_ARGS__::init, __VA_ARGS__::deinit,                  \
                                                      __VA_ARGS__::get_factory};
