// SPDX-License-Identifier: Apache-2.0
#include "cost_models/analytical/analytical_plugin.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include "cost_models/analytical/coefficients.hpp"
#include "cost_models/analytical/predictor.hpp"
#include "cost_models/analytical/shipped_models.hpp"
#include "cost_models/model_file/shipped_models.hpp"

namespace sotto::analytical {
namespace {

using model_file::Choice;

constexpr std::size_t metric_count = 3;

using Times = Predictor::Times;

class Model {
  public:
    explicit Model(const Coefficients& coefficients)
        : predictor_(coefficients), network_deviation_(coefficients.network_deviation) {}

    // Of the relative error of a network's total; nothing where the model's file does not tell.
    const std::optional<double>& network_deviation() const noexcept { return network_deviation_; }

    // Times of one operation; a status other than SOTTO_OK comes with its reason through `error`.
    sotto_status price(const sotto_program& program, std::uint32_t index, const sotto_error_sink& error,
                       Times& times) const {
        const sotto_operation& operation = *sotto_operation_at(&program, index);
        if (!predictor_.has_price(operation)) [[unlikely]] {
            error.report(&error, predictor_.refusal(operation, index).c_str());
            // A product without a shape is sound, as a table may give it; a convolution without strides is not.
            const bool is_nonsense = predictor_.knows(operation.kind) && operation.kind != SOTTO_OPERATION_MULTIPLY;
            return is_nonsense ? SOTTO_INVALID_ARGUMENT : SOTTO_UNSUPPORTED;
        }
        times = predictor_.times(operation);
        return SOTTO_OK;
    }

    sotto_status total(const sotto_program* program, const sotto_error_sink& error, Times& sum) const {
        if (program == nullptr) {
            error.report(&error, "the candidate has no secure program");
            return SOTTO_INVALID_ARGUMENT;
        }
        sum = {};
        for (std::uint32_t i = 0; i < program->operation_count; ++i) {
            Times times;
            if (const sotto_status status = price(*program, i, error, times); status != SOTTO_OK) {
                return status;
            }
            sum.client_ms += times.client_ms;
            sum.server_ms += times.server_ms;
        }
        return SOTTO_OK;
    }

  private:
    Predictor predictor_;
    std::optional<double> network_deviation_;
};

struct Instance {
    sotto_instance border{};
    Model model;
};

const Model& model_of(const sotto_instance* instance) {
    return static_cast<const Instance*>(instance->plugin_data)->model;
}

void destroy(sotto_instance* instance) {
    delete static_cast<Instance*>(instance->plugin_data);
}

sotto_status evaluate_batch(sotto_instance* instance, const sotto_candidate* const* candidates,
                            sotto_result* const* results, std::uint32_t count, const sotto_error_sink* /*error*/) {
    const Model& model = model_of(instance);
    for (std::uint32_t i = 0; i < count; ++i) {
        sotto_result& result = *results[i];
        Times sum;
        result.status = model.total(candidates[i]->program, *result.error, sum);
        if (result.status == SOTTO_OK) {
            result.metrics[0] = sum.client_ms;
            result.metrics[1] = sum.server_ms;
            result.metrics[2] = std::max(sum.client_ms, sum.server_ms);
        }
    }
    return SOTTO_OK;
}

// As evaluate_batch, with a row of values for each operation.
sotto_status evaluate_operations(sotto_instance* instance, const sotto_candidate* const* candidates,
                                 sotto_result* const* results, std::uint32_t count, const sotto_error_sink* error) {
    evaluate_batch(instance, candidates, results, count, error);
    const Model& model = model_of(instance);
    for (std::uint32_t i = 0; i < count; ++i) {
        sotto_result& result = *results[i];
        if (result.status != SOTTO_OK) {
            continue;
        }
        const bool is_client_slower = result.metrics[0] >= result.metrics[1];
        const sotto_program& program = *candidates[i]->program;
        for (std::uint32_t operation = 0; operation < program.operation_count; ++operation) {
            Times times;
            model.price(program, operation, *result.error, times);
            double* row = result.operation_values + std::size_t{operation} * metric_count;
            row[0] = times.client_ms;
            row[1] = times.server_ms;
            row[2] = is_client_slower ? times.client_ms : times.server_ms;
        }
    }
    return SOTTO_OK;
}

constexpr sotto_per_operation per_operation = {sizeof(sotto_per_operation), 0, evaluate_operations};

sotto_status evaluate_uncertainty(sotto_instance* instance, const sotto_candidate* const* candidates,
                                  sotto_result* const* results, std::uint32_t count, const sotto_error_sink* error) {
    evaluate_batch(instance, candidates, results, count, error);
    const double relative = *model_of(instance).network_deviation();
    for (std::uint32_t i = 0; i < count; ++i) {
        for (std::size_t metric = 0; results[i]->status == SOTTO_OK && metric < metric_count; ++metric) {
            results[i]->metrics[metric] *= relative;
        }
    }
    return SOTTO_OK;
}

constexpr sotto_uncertainty uncertainty = {sizeof(sotto_uncertainty), 0, evaluate_uncertainty};

const void* get_extension(const sotto_instance* instance, const char* id) {
    if (std::strcmp(id, SOTTO_PER_OPERATION_EXTENSION) == 0) {
        return &per_operation;
    }
    const bool tells = model_of(instance).network_deviation().has_value();
    return tells && std::strcmp(id, SOTTO_UNCERTAINTY_EXTENSION) == 0 ? &uncertainty : nullptr;
}

constexpr sotto_metric time_metric(const char* name, const char* description) {
    return {.struct_size = sizeof(sotto_metric),
            .direction = SOTTO_DIRECTION_MINIMIZE,
            .flags = SOTTO_METRIC_NON_NEGATIVE | SOTTO_METRIC_SUM,
            .reserved = 0,
            .name = name,
            .unit = "ms",
            .description = description};
}

constexpr std::array<sotto_metric, metric_count> metrics = {{
    time_metric("latency.client_ms", "time the client takes, waiting for the server included"),
    time_metric("latency.server_ms", "time the server takes, waiting for the client included"),
    time_metric("latency.total_ms", "the larger of client and server time"),
}};

constexpr const char* setting_choices[] = {"local", "lan", "wan", nullptr};

constexpr sotto_parameter text_parameter(const char* name, const char* help, const char* default_value,
                                         const char* const* choices) {
    return {.struct_size = sizeof(sotto_parameter),
            .type = SOTTO_PARAMETER_TEXT,
            .flags = 0,
            .reserved = 0,
            .least = 0,
            .most = 0,
            .name = name,
            .help = help,
            .default_value = default_value,
            .choices = choices};
}

constexpr std::array<sotto_parameter, 3> parameters = {{
    text_parameter(Choice::setting_name, Choice::setting_help, Choice::setting_default, setting_choices),
    text_parameter(Choice::engine_name, Choice::engine_help, Choice::engine_default, nullptr),
    text_parameter(Choice::file_name, Choice::file_help, Choice::file_default, nullptr),
}};

constexpr std::array<std::int32_t, 8> operation_kinds = {
    SOTTO_OPERATION_CONVOLUTION,
    SOTTO_OPERATION_RELU,
    SOTTO_OPERATION_MAX_POOL,
    SOTTO_OPERATION_AVERAGE_POOL,
    SOTTO_OPERATION_BATCH_NORMALIZATION,
    SOTTO_OPERATION_TRUNCATION,
    SOTTO_OPERATION_FULLY_CONNECTED,
    SOTTO_OPERATION_MULTIPLY,
};

constexpr sotto_descriptor descriptor = {
    .struct_size = sizeof(sotto_descriptor),
    .needs = SOTTO_NEEDS_PROGRAM,
    .capabilities = SOTTO_CAPABILITY_DETERMINISTIC,
    .thread_level = SOTTO_THREADS_SHARED,
    .id = "analytical",
    .version = "1.2.0",
    .description =
        "latency under OpenCheetah, linear in the published features of each operation (Zhang and Mann, SEC 2024)",
    .metric_count = static_cast<std::uint32_t>(metrics.size()),
    .metric_stride = sizeof(sotto_metric),
    .metrics = metrics.data(),
    .parameter_count = static_cast<std::uint32_t>(parameters.size()),
    .parameter_stride = sizeof(sotto_parameter),
    .parameters = parameters.data(),
    .operation_kinds = operation_kinds.data(),
    .layer_kinds = nullptr,
    .operation_kind_count = static_cast<std::uint32_t>(operation_kinds.size()),
    .layer_kind_count = 0,
    .typical_cost_us = 2.0,
    .preferred_batch = 0,
    .reserved = 0,
};

std::unique_ptr<Instance> make_instance(const Choice& choice) {
    const model_file::OpenedModel opened = model_file::open_model(descriptor.id, choice, shipped_models());
    auto instance = std::make_unique<Instance>(Instance{{}, Model(read_coefficients(opened.model, opened.name))});
    instance->border = {sizeof(sotto_instance), 0, instance.get(), destroy, evaluate_batch, get_extension};
    return instance;
}

sotto_status create(const sotto_factory* /*factory*/, const sotto_host* /*host*/, const char* plugin_id,
                    const sotto_argument* const* arguments, std::uint32_t argument_count, sotto_instance** instance,
                    const sotto_error_sink* error) {
    if (std::strcmp(plugin_id, descriptor.id) != 0) {
        error->report(error, "no cost model of this id; known: analytical");
        return SOTTO_INVALID_ARGUMENT;
    }
    try {
        Choice choice;
        for (std::uint32_t i = 0; i < argument_count; ++i) {
            choice.set(arguments[i]->name, arguments[i]->value);
        }
        *instance = &make_instance(choice).release()->border;
        return SOTTO_OK;
    } catch (const std::bad_alloc&) {
        return SOTTO_OUT_OF_MEMORY;
    } catch (const std::exception& failure) {
        error->report(error, failure.what());
    } catch (...) {
        error->report(error, "unknown failure");
    }
    return SOTTO_INVALID_ARGUMENT;
}

std::uint32_t plugin_count(const sotto_factory* /*factory*/) {
    return 1;
}

const sotto_descriptor* plugin_descriptor(const sotto_factory* /*factory*/, std::uint32_t index) {
    return index == 0 ? &descriptor : nullptr;
}

constexpr sotto_factory factory = {sizeof(sotto_factory), 0, plugin_count, plugin_descriptor, create};

sotto_status init(const char* /*library_path*/, const sotto_host* /*host*/, const sotto_error_sink* /*error*/) {
    return SOTTO_OK;
}

void deinit() {}

const sotto_factory* get_factory(const char* factory_id) {
    return std::strcmp(factory_id, SOTTO_COST_MODEL_FACTORY) == 0 ? &factory : nullptr;
}

}  // namespace

const sotto_plugin_entry_v1& analytical_plugin_entry() {
    return sotto_plugin_entry;
}

}  // namespace sotto::analytical

const sotto_plugin_entry_v1 sotto_plugin_entry = {.abi_version = SOTTO_PLUGIN_ABI_VERSION,
                                                  .struct_size = sizeof(sotto_plugin_entry_v1),
                                                  .init = sotto::analytical::init,
                                                  .deinit = sotto::analytical::deinit,
                                                  .get_factory = sotto::analytical::get_factory};
