// SPDX-License-Identifier: Apache-2.0
#include "cost_models/analytical/analytical_plugin.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cost_models/analytical/coefficients.hpp"
#include "cost_models/analytical/features.hpp"

namespace sotto::analytical {
namespace {

constexpr std::size_t metric_count = 3;
constexpr std::size_t kind_count = SOTTO_OPERATION_ARGMAX + 1;

// One role's time of one layer type: constant + sum of slope * feature.
struct Line {
    double constant = 0;
    std::array<double, most_features> slopes{};

    double at(const FeatureValues& values) const noexcept {
        double sum = constant;
        for (std::size_t i = 0; i < most_features; ++i) {
            sum += slopes[i] * values[i];
        }
        return std::max(sum, 0.0);
    }
};

Line line_of(const Fit& fit) {
    Line line;
    line.constant = fit.intercept_ms;
    for (std::size_t i = 0; i < fit.terms.size(); ++i) {
        line.slopes[i] = fit.terms[i].ms_per_unit;
        line.constant -= fit.terms[i].ms_per_unit * fit.terms[i].least;
    }
    return line;
}

struct Times {
    double client_ms = 0;
    double server_ms = 0;
};

const char* kind_name(std::int32_t kind) {
    return kind == SOTTO_OPERATION_ARGMAX ? "argmax" : "of an unknown kind";
}

class Model {
  public:
    Model(const Coefficients& coefficients, Setting setting) {
        for (std::size_t type = 0; type < layer_type_count; ++type) {
            const auto layer = static_cast<LayerType>(type);
            lines_[type] = {line_of(coefficients.fit(setting, Role::client, layer)),
                            line_of(coefficients.fit(setting, Role::server, layer))};
        }
        for (std::size_t kind = 0; kind < kind_count; ++kind) {
            const auto type = priced_as(static_cast<std::int32_t>(kind));
            is_priced_[kind] = type.has_value();
            types_[kind] = type.value_or(LayerType::conv);
        }
    }

    // Times of one operation; a status other than SOTTO_OK comes with its reason through `error`.
    sotto_status price(const sotto_program& program, std::uint32_t index, const sotto_error_sink& error,
                       Times& times) const {
        const sotto_operation& operation = *sotto_operation_at(&program, index);
        const auto kind = static_cast<std::uint32_t>(operation.kind);
        if (kind >= kind_count || !is_priced_[kind]) [[unlikely]] {
            report(error, "operation %u (%s, number %d) was not measured", index, kind_name(operation.kind),
                   operation.kind);
            return SOTTO_UNSUPPORTED;
        }
        const LayerType type = types_[kind];
        const sotto_window& window = operation.window;
        if (type == LayerType::conv && (window.stride_height <= 0 || window.stride_width <= 0)) [[unlikely]] {
            report(error, "operation %u (conv) has stride %dx%d, expected positive strides", index,
                   window.stride_height, window.stride_width);
            return SOTTO_INVALID_ARGUMENT;
        }
        const FeatureValues values = feature_values(type, operation);
        const Lines& lines = lines_[static_cast<std::size_t>(type)];
        times = {lines.client.at(values), lines.server.at(values)};
        return SOTTO_OK;
    }

    sotto_status total(const sotto_program* program, const sotto_error_sink& error, Times& sum) const {
        if (program == nullptr) {
            report(error, "the candidate has no secure program");
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
    struct Lines {
        Line client;
        Line server;
    };

    template <typename... Values>
    static void report(const sotto_error_sink& error, const char* form, Values... values) {
        char text[160];
        if constexpr (sizeof...(values) == 0) {
            error.report(&error, form);
        } else {
            std::snprintf(text, sizeof text, form, values...);
            error.report(&error, text);
        }
    }

    std::array<Lines, layer_type_count> lines_{};
    std::array<LayerType, kind_count> types_{};
    std::array<bool, kind_count> is_priced_{};
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

const void* get_extension(const sotto_instance* /*instance*/, const char* id) {
    return std::strcmp(id, SOTTO_PER_OPERATION_EXTENSION) == 0 ? &per_operation : nullptr;
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

constexpr std::array<sotto_parameter, 2> parameters = {{
    text_parameter("setting", "where the parties stand: one machine, LAN (7 Gbit/s, 0.5 ms) or WAN (380 Mbit/s, 10 ms)",
                   "lan", setting_choices),
    text_parameter("coefficients", "path of a coefficient file; empty: the one that ships", "", nullptr),
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
    .version = "1.0.0",
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

std::unique_ptr<Instance> make_instance(std::string_view setting_name, const std::string& path) {
    const auto names = setting_names();
    const auto found = std::find(names.begin(), names.end(), setting_name);
    if (found == names.end()) {
        throw std::invalid_argument("setting: found '" + std::string(setting_name) + "', expected local, lan or wan");
    }
    const auto setting = static_cast<Setting>(found - names.begin());
    const Coefficients coefficients = path.empty()
                                          ? parse_coefficients(std::string(shipped_coefficients_text()),
                                                               "cost_models/pretrained/analytical.json (built in)")
                                          : read_coefficients(path);
    auto instance = std::make_unique<Instance>(Instance{{}, Model(coefficients, setting)});
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
        std::string setting = "lan";
        std::string path;
        for (std::uint32_t i = 0; i < argument_count; ++i) {
            const std::string_view name = arguments[i]->name;
            if (name == "setting") {
                setting = arguments[i]->value;
            } else if (name == "coefficients") {
                path = arguments[i]->value;
            } else {
                throw std::invalid_argument("found parameter '" + std::string(name) +
                                            "', expected setting or coefficients");
            }
        }
        *instance = &make_instance(setting, path).release()->border;
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
