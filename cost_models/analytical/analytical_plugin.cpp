// SPDX-License-Identifier: Apache-2.0
#include "cost_models/analytical/analytical_plugin.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
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

const sotto_operation& operation_at(const sotto_program& program, std::uint32_t index) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(program.operations);
    return *reinterpret_cast<const sotto_operation*>(bytes + std::size_t{program.operation_stride} * index);
}

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
        const sotto_operation& operation = operation_at(program, index);
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

sotto_status evaluate_operations(sotto_instance* instance, const sotto_candidate* candidate, double* values,
                                 const sotto_error_sink* error) {
    const Model& model = model_of(instance);
    Times sum;
    if (const sotto_status status = model.total(candidate->program, *error, sum); status != SOTTO_OK) {
        return status;
    }
    const bool is_client_slower = sum.client_ms >= sum.server_ms;
    for (std::uint32_t i = 0; i < candidate->program->operation_count; ++i) {
        Times times;
        if (const sotto_status status = model.price(*candidate->program, i, *error, times); status != SOTTO_OK) {
            return status;
        }
        double* row = values + std::size_t{i} * metric_count;
        row[0] = times.client_ms;
        row[1] = times.server_ms;
        row[2] = is_client_slower ? times.client_ms : times.server_ms;
    }
    return SOTTO_OK;
}

constexpr sotto_per_operation per_operation = {sizeof(sotto_per_operation), 0, evaluate_operations};

const void* get_extension(const sotto_instance* /*instance*/, const char* id) {
    return std::strcmp(id, SOTTO_PER_OPERATION_EXTENSION) == 0 ? &per_operation : nullptr;
}

constexpr std::array<sotto_metric, metric_count> metrics = {{
    {"latency.client_ms", "ms", "time the client takes, waiting for the server included", SOTTO_DIRECTION_MINIMIZE, 1},
    {"latency.server_ms", "ms", "time the server takes, waiting for the client included", SOTTO_DIRECTION_MINIMIZE, 1},
    {"latency.total_ms", "ms", "the larger of client and server time", SOTTO_DIRECTION_MINIMIZE, 1},
}};

constexpr const char* setting_choices[] = {"local", "lan", "wan", nullptr};

constexpr std::array<sotto_parameter, 2> parameters = {{
    {"setting", "where the parties stand: one machine, LAN (7 Gbit/s, 0.5 ms) or WAN (380 Mbit/s, 10 ms)",
     SOTTO_PARAMETER_TEXT, 0, 0, 0, "lan", setting_choices},
    {"coefficients", "path of a coefficient file; empty: the one that ships", SOTTO_PARAMETER_TEXT, 0, 0, 0, "",
     nullptr},
}};

constexpr sotto_descriptor descriptor = {
    sizeof(sotto_descriptor),
    SOTTO_NEEDS_PROGRAM,
    SOTTO_CAPABILITY_DETERMINISTIC,
    SOTTO_THREADS_SHARED,
    "analytical",
    "1.0.0",
    "latency under OpenCheetah, linear in the published features of each operation (Zhang and Mann, SEC 2024)",
    static_cast<std::uint32_t>(metrics.size()),
    sizeof(sotto_metric),
    metrics.data(),
    static_cast<std::uint32_t>(parameters.size()),
    sizeof(sotto_parameter),
    parameters.data(),
    2.0,
};

std::unique_ptr<Instance> make_instance(std::string_view setting_name, const std::string& path) {
    const auto names = setting_names();
    const auto found = std::find(names.begin(), names.end(), setting_name);
    const auto setting = static_cast<Setting>(found - names.begin());
    const Coefficients coefficients = path.empty()
                                          ? parse_coefficients(std::string(shipped_coefficients_text()),
                                                               "cost_models/pretrained/analytical.json (built in)")
                                          : read_coefficients(path);
    auto instance = std::make_unique<Instance>(Instance{{}, Model(coefficients, setting)});
    instance->border = {sizeof(sotto_instance), 0, instance.get(), destroy, evaluate_batch, get_extension};
    return instance;
}

sotto_instance* create(const sotto_factory* /*factory*/, const sotto_host* /*host*/, const char* /*plugin_id*/,
                       const sotto_argument* arguments, std::uint32_t argument_count, const sotto_error_sink* error) {
    try {
        std::string setting = "lan";
        std::string path;
        for (std::uint32_t i = 0; i < argument_count; ++i) {
            const std::string_view name = arguments[i].name;
            (name == "setting" ? setting : path) = arguments[i].value;
        }
        return &make_instance(setting, path).release()->border;
    } catch (const std::exception& failure) {
        error->report(error, failure.what());
    } catch (...) {
        error->report(error, "unknown failure");
    }
    return nullptr;
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

constexpr sotto_plugin_entry_v1 entry = {SOTTO_PLUGIN_ABI_VERSION, sizeof(sotto_plugin_entry_v1), init, deinit,
                                         get_factory};

}  // namespace

const sotto_plugin_entry_v1& analytical_plugin_entry() {
    return entry;
}

}  // namespace sotto::analytical
