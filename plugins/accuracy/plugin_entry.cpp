// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "sotto/plugin.h"

#include "plugins/accuracy/blas_check.hpp"
#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/combined_score.hpp"
#include "plugins/accuracy/graph.hpp"
#include "plugins/accuracy/naswot.hpp"
#include "plugins/accuracy/synflow.hpp"

namespace sotto::accuracy {
namespace {

struct Settings {
    NoiseSettings noise;
    std::int32_t input_size = 0;
};

using Evaluate = void (*)(const Settings&, const sotto_host*, const Graph&, std::uint64_t seed, double* metrics);

/// The network for images of `size` x `size`; 0, or more than the network's own resolution: as it is.
Graph at_size(const Graph& graph, std::int32_t size) {
    const sotto_shape& own = graph.input_shape();
    return size <= 0 || size >= std::min(own.height, own.width) ? graph : graph.resized(size, size);
}

/// The same, with images that grow until the network takes them.
Graph at_least_size(const Graph& graph, std::int32_t size) {
    for (;; size += 32) {
        try {
            return at_size(graph, size);
        } catch (const CandidateError& error) {
            if (error.status() != SOTTO_UNSUPPORTED) {
                throw;
            }
        }
    }
}

void evaluate_synflow(const Settings& settings, const sotto_host* host, const Graph& graph, std::uint64_t seed,
                      double* metrics) {
    metrics[0] = synaptic_flow(at_size(graph, settings.input_size), seed, host);
}

void evaluate_naswot(const Settings& settings, const sotto_host* host, const Graph& graph, std::uint64_t seed,
                     double* metrics) {
    metrics[0] = naswot(at_size(graph, settings.input_size), seed, settings.noise, host);
}

void evaluate_combined(const Settings& settings, const sotto_host* host, const Graph& graph, std::uint64_t seed,
                       double* metrics) {
    const Graph resized = at_least_size(graph, settings.input_size);
    ScoreParts parts;
    parts.synflow = synaptic_flow(resized, seed, host);
    parts.naswot = naswot(resized, seed, settings.noise, host);
    parts.images = settings.noise.batch;
    parts.units = resized.activation_units();
    parts.own_units = graph.activation_units();
    parts.nonlinear_depth = graph.nonlinear_depth();
    parts.weighted_depth = graph.weighted_depth();
    metrics[0] = combined_score(parts);
    metrics[1] = parts.synflow;
    metrics[2] = parts.naswot;
}

// ------------------------------------------------------------------------------------------------- descriptors

constexpr sotto_metric synflow_metric{
    .struct_size = sizeof(sotto_metric),
    .direction = SOTTO_DIRECTION_MAXIMIZE,
    .flags = 0,
    .reserved = 0,
    .name = "accuracy.synflow",
    .unit = "1",
    .description = "natural logarithm of the synaptic flow, the sum over weights of |w dR/dw|"};
constexpr sotto_metric naswot_metric{
    .struct_size = sizeof(sotto_metric),
    .direction = SOTTO_DIRECTION_MAXIMIZE,
    .flags = SOTTO_METRIC_NON_NEGATIVE,
    .reserved = 0,
    .name = "accuracy.naswot",
    .unit = "1",
    .description =
        "natural logarithm of det(I + K), K the activation-pattern kernel of a batch of noise; 0: no activation"};
constexpr sotto_metric score_metric{
    .struct_size = sizeof(sotto_metric),
    .direction = SOTTO_DIRECTION_MAXIMIZE,
    .flags = 0,
    .reserved = 0,
    .name = "accuracy.score",
    .unit = "1",
    .description = "synaptic flow and activation patterns in one, see docs/accuracy_proxies.md"};

constexpr std::array<sotto_metric, 1> synflow_metrics{synflow_metric};
constexpr std::array<sotto_metric, 1> naswot_metrics{naswot_metric};
constexpr std::array<sotto_metric, 3> combined_metrics{score_metric, synflow_metric, naswot_metric};

constexpr sotto_parameter integer_parameter(const char* name, const char* help, double least, double most,
                                            const char* default_value) {
    return {.struct_size = sizeof(sotto_parameter),
            .type = SOTTO_PARAMETER_INTEGER,
            .flags = 0,
            .reserved = 0,
            .least = least,
            .most = most,
            .name = name,
            .help = help,
            .default_value = default_value,
            .choices = nullptr};
}

constexpr const char* batch_help = "images of noise whose activation patterns are compared";
constexpr const char* repeats_help = "draws of weights and images that are averaged";
constexpr const char* size_help =
    "height and width of the images; 0, or more than the network's own: its own; a network that cannot take it is "
    "unsupported";
constexpr const char* growing_size_help =
    "height and width of the images; 0, or more than the network's own: its own; in steps of 32 more where a network "
    "needs it";

constexpr std::array<sotto_parameter, 1> synflow_parameters{integer_parameter("input_size", size_help, 0, 1024, "0")};
constexpr std::array<sotto_parameter, 3> naswot_parameters{integer_parameter("batch", batch_help, 2, 128, "16"),
                                                           integer_parameter("repeats", repeats_help, 1, 64, "1"),
                                                           integer_parameter("input_size", size_help, 0, 1024, "64")};
constexpr std::array<sotto_parameter, 3> combined_parameters{
    naswot_parameters[0], naswot_parameters[1], integer_parameter("input_size", growing_size_help, 0, 1024, "64")};

constexpr std::array<std::int32_t, 13> layer_kinds{SOTTO_LAYER_INPUT,
                                                   SOTTO_LAYER_CONVOLUTION,
                                                   SOTTO_LAYER_BATCH_NORMALIZATION,
                                                   SOTTO_LAYER_ACTIVATION,
                                                   SOTTO_LAYER_MAX_POOL,
                                                   SOTTO_LAYER_AVERAGE_POOL,
                                                   SOTTO_LAYER_GLOBAL_MAX_POOL,
                                                   SOTTO_LAYER_GLOBAL_AVERAGE_POOL,
                                                   SOTTO_LAYER_FULLY_CONNECTED,
                                                   SOTTO_LAYER_ADD,
                                                   SOTTO_LAYER_CONCAT,
                                                   SOTTO_LAYER_FLATTEN,
                                                   SOTTO_LAYER_PAD};

template <std::size_t metric_count, std::size_t parameter_count>
constexpr sotto_descriptor describe(const char* id, const char* description, double typical_cost_us,
                                    const std::array<sotto_metric, metric_count>& metrics,
                                    const std::array<sotto_parameter, parameter_count>& parameters) {
    return {.struct_size = sizeof(sotto_descriptor),
            .needs = SOTTO_NEEDS_NETWORK,
            .capabilities = SOTTO_CAPABILITY_DETERMINISTIC,
            .thread_level = SOTTO_THREADS_SHARED,
            .id = id,
            .version = "1",
            .description = description,
            .metric_count = metric_count,
            .metric_stride = sizeof(sotto_metric),
            .metrics = metrics.data(),
            .parameter_count = parameter_count,
            .parameter_stride = sizeof(sotto_parameter),
            .parameters = parameters.data(),
            .operation_kinds = nullptr,
            .layer_kinds = layer_kinds.data(),
            .operation_kind_count = 0,
            .layer_kind_count = static_cast<std::uint32_t>(layer_kinds.size()),
            .typical_cost_us = typical_cost_us,
            .preferred_batch = 0,
            .reserved = 0};
}

struct PlugIn {
    sotto_descriptor descriptor;
    Evaluate evaluate;
};

constexpr std::array<PlugIn, 3> plug_ins{
    PlugIn{describe("combined", "synflow and NASWOT in one score, in which non-linearity counts", 35000,
                    combined_metrics, combined_parameters),
           evaluate_combined},
    PlugIn{describe("synflow", "synaptic flow (Tanaka et al. 2020): no data, does not see activations", 5000,
                    synflow_metrics, synflow_parameters),
           evaluate_synflow},
    PlugIn{describe("naswot", "activation patterns of a batch of noise (Mellor et al. 2021)", 25000, naswot_metrics,
                    naswot_parameters),
           evaluate_naswot}};

// -------------------------------------------------------------------------------------------------- the border

void report(const sotto_error_sink* sink, const std::string& text) {
    if (sink != nullptr && sink->report != nullptr) {
        sink->report(sink, text.c_str());
    }
}

/// The status and text for the exception in flight. LibTorch's texts go on with a backtrace: the first line is the
/// message.
sotto_status describe_exception(std::string& text) {
    try {
        throw;
    } catch (const CandidateError& error) {
        text = error.what();
        return error.status();
    } catch (const std::bad_alloc&) {
        text = "out of memory";
        return SOTTO_OUT_OF_MEMORY;
    } catch (const std::exception& error) {
        const std::string_view what = error.what();
        text = what.substr(0, what.find('\n'));
        return text.find("allocate memory") != std::string::npos ? SOTTO_OUT_OF_MEMORY : SOTTO_INTERNAL;
    } catch (...) {
        text = "an exception of unknown type";
        return SOTTO_INTERNAL;
    }
}

struct InstanceData {
    sotto_instance instance{};
    const PlugIn* plug_in = nullptr;
    const sotto_host* host = nullptr;
    Settings settings;
};

void score(const InstanceData& data, const sotto_candidate* candidate, sotto_result* result) {
    try {
        if (candidate == nullptr || candidate->network == nullptr || result->metrics == nullptr) {
            throw CandidateError(SOTTO_INVALID_ARGUMENT, "the candidate has no network, or the result no room");
        }
        stop_if_cancelled(data.host);
        std::array<double, 3> metrics{};
        data.plug_in->evaluate(data.settings, data.host, Graph(*candidate->network), candidate->seed, metrics.data());
        std::copy_n(metrics.begin(), data.plug_in->descriptor.metric_count, result->metrics);
        result->status = SOTTO_OK;
    } catch (...) {
        std::string text;
        result->status = describe_exception(text);
        report(result->error, text);
    }
}

sotto_status evaluate_batch(sotto_instance* instance, const sotto_candidate* const* candidates,
                            sotto_result* const* results, std::uint32_t count, const sotto_error_sink* error) {
    try {
        use_one_thread();
        const auto& data = *static_cast<const InstanceData*>(instance->plugin_data);
        for (std::uint32_t index = 0; index < count; ++index) {
            score(data, candidates[index], results[index]);
        }
        return SOTTO_OK;
    } catch (...) {
        std::string text;
        const sotto_status status = describe_exception(text);
        report(error, text);
        return status;
    }
}

void destroy(sotto_instance* instance) {
    delete static_cast<InstanceData*>(instance->plugin_data);
}

const void* get_extension(const sotto_instance*, const char*) {
    return nullptr;
}

void apply(const sotto_parameter& parameter, const char* value, Settings& settings) {
    const std::string_view text = value;
    std::int32_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || end != text.data() + text.size() || number < parameter.least ||
        number > parameter.most) {
        throw CandidateError(SOTTO_INVALID_ARGUMENT, "parameter '" + std::string(parameter.name) + "': found '" +
                                                         value + "', expected a whole number from " +
                                                         std::to_string(static_cast<int>(parameter.least)) + " to " +
                                                         std::to_string(static_cast<int>(parameter.most)));
    }
    const std::string_view name = parameter.name;
    (name == "batch"     ? settings.noise.batch
     : name == "repeats" ? settings.noise.repeats
                         : settings.input_size) = number;
}

sotto_status create(const sotto_factory*, const sotto_host* host, const char* plugin_id,
                    const sotto_argument* const* arguments, std::uint32_t argument_count, sotto_instance** instance,
                    const sotto_error_sink* error) {
    try {
        for (const PlugIn& plug_in : plug_ins) {
            if (std::strcmp(plug_in.descriptor.id, plugin_id) != 0) {
                continue;
            }
            auto data = std::make_unique<InstanceData>();
            data->plug_in = &plug_in;
            data->host = host;
            const sotto_parameter* const first = plug_in.descriptor.parameters;
            const sotto_parameter* const last = first + plug_in.descriptor.parameter_count;
            for (const sotto_parameter* parameter = first; parameter != last; ++parameter) {
                apply(*parameter, parameter->default_value, data->settings);
            }
            for (std::uint32_t index = 0; index < argument_count; ++index) {
                const sotto_parameter* const found = std::find_if(first, last, [&](const sotto_parameter& parameter) {
                    return std::strcmp(parameter.name, arguments[index]->name) == 0;
                });
                if (found == last) {
                    throw CandidateError(SOTTO_INVALID_ARGUMENT,
                                         "parameter '" + std::string(arguments[index]->name) + "' is not known");
                }
                apply(*found, arguments[index]->value, data->settings);
            }
            data->instance = {.struct_size = sizeof(sotto_instance),
                              .reserved = 0,
                              .plugin_data = data.get(),
                              .destroy = destroy,
                              .evaluate_batch = evaluate_batch,
                              .get_extension = get_extension};
            *instance = &data.release()->instance;
            return SOTTO_OK;
        }
        throw CandidateError(SOTTO_INVALID_ARGUMENT,
                             "no accuracy proxy '" + std::string(plugin_id) + "'; known: combined, synflow, naswot");
    } catch (...) {
        std::string text;
        const sotto_status status = describe_exception(text);
        report(error, text);
        return status;
    }
}

std::uint32_t count(const sotto_factory*) {
    return static_cast<std::uint32_t>(plug_ins.size());
}

const sotto_descriptor* descriptor(const sotto_factory*, std::uint32_t index) {
    return index < plug_ins.size() ? &plug_ins[index].descriptor : nullptr;
}

constexpr sotto_factory factory{
    .struct_size = sizeof(sotto_factory), .reserved = 0, .count = count, .descriptor = descriptor, .create = create};

sotto_status init(const char*, const sotto_host* host, const sotto_error_sink* error) {
    try {
        const std::string warning = blas_warning();
        if (!warning.empty() && host != nullptr && host->log != nullptr) {
            host->log(host, SOTTO_LOG_WARNING, warning.c_str());
        }
        return SOTTO_OK;
    } catch (...) {
        std::string text;
        const sotto_status status = describe_exception(text);
        report(error, text);
        return status;
    }
}

void deinit() {}

const sotto_factory* get_factory(const char* factory_id) {
    return factory_id != nullptr && std::strcmp(factory_id, SOTTO_ACCURACY_PROXY_FACTORY) == 0 ? &factory : nullptr;
}

}  // namespace
}  // namespace sotto::accuracy

extern "C" {
const sotto_plugin_entry_v1 sotto_plugin_entry{.abi_version = SOTTO_PLUGIN_ABI_VERSION,
                                               .struct_size = sizeof(sotto_plugin_entry_v1),
                                               .init = sotto::accuracy::init,
                                               .deinit = sotto::accuracy::deinit,
                                               .get_factory = sotto::accuracy::get_factory};
}
