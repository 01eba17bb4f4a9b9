// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sotto/plugin.h"

namespace sotto::accuracy {

/// What the plug-ins of this library declare, written briefly. Everything is a constant of the library.

constexpr sotto_metric metric(const char* name, const char* description, std::uint32_t flags = 0) {
    return {.struct_size = sizeof(sotto_metric),
            .direction = SOTTO_DIRECTION_MAXIMIZE,
            .flags = flags,
            .reserved = 0,
            .name = name,
            .unit = "1",
            .description = description};
}

constexpr sotto_parameter parameter(std::int32_t type, const char* name, const char* help, double least, double most,
                                    const char* default_value) {
    return {.struct_size = sizeof(sotto_parameter),
            .type = type,
            .flags = 0,
            .reserved = 0,
            .least = least,
            .most = most,
            .name = name,
            .help = help,
            .default_value = default_value,
            .choices = nullptr};
}

constexpr sotto_parameter integer_parameter(const char* name, const char* help, double least, double most,
                                            const char* default_value) {
    return parameter(SOTTO_PARAMETER_INTEGER, name, help, least, most, default_value);
}

constexpr sotto_parameter number_parameter(const char* name, const char* help, double least, double most,
                                           const char* default_value) {
    return parameter(SOTTO_PARAMETER_NUMBER, name, help, least, most, default_value);
}

constexpr sotto_parameter text_parameter(const char* name, const char* help, const char* default_value) {
    return parameter(SOTTO_PARAMETER_TEXT, name, help, 0, 0, default_value);
}

/// MiB that one candidate's evaluation may take, estimated before it begins.
constexpr sotto_parameter memory_limit_parameter = integer_parameter(
    "memory_limit",
    "MiB that the evaluation of one candidate may take, estimated beforehand; one that needs more is unsupported; 0: "
    "no limit",
    0, 1048576, "2048");

/// Every kind of layer that a Graph knows.
inline constexpr std::array<std::int32_t, 13> layer_kinds{SOTTO_LAYER_INPUT,
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

/// A plug-in that scores the network alone, deterministically, on as many threads at once as the host likes.
template <std::size_t metric_count, std::size_t parameter_count>
constexpr sotto_descriptor describe(const char* id, const char* version, const char* description,
                                    double typical_cost_us, const std::array<sotto_metric, metric_count>& metrics,
                                    const std::array<sotto_parameter, parameter_count>& parameters) {
    return {.struct_size = sizeof(sotto_descriptor),
            .needs = SOTTO_NEEDS_NETWORK,
            .capabilities = SOTTO_CAPABILITY_DETERMINISTIC,
            .thread_level = SOTTO_THREADS_SHARED,
            .id = id,
            .version = version,
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

}  // namespace sotto::accuracy
