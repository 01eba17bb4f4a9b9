// SPDX-License-Identifier: Apache-2.0
// An accuracy proxy for black-box tests: a cheap score that rewards width and non-linearity, faults on request, and
// signals sent to its own process at a chosen evaluation, so that tests interrupt a run at a known candidate without
// waiting. The default of `weight` is spelled as nas-run would not. SOTTO_TEST_SIGNALS="2@10 9@37": signal 2 at the
// 10th evaluation of the process, signal 9 at the 37th.
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>

#include "sotto/plugin.h"

#include "tests/tools/chosen_signals.hpp"

namespace {

std::atomic<long> evaluations{0};

struct Probe {
    sotto_instance instance{};
    double weight = 0.5;
    double bonus = 0;
    std::string fault;
    std::uint64_t every = 0;
};

double score(const sotto_network& network, double weight) {
    double width = 0;
    double nonlinear = 0;
    const char* at = reinterpret_cast<const char*>(network.layers);
    for (std::uint32_t i = 0; i < network.layer_count; ++i, at += network.layer_stride) {
        const auto& layer = *reinterpret_cast<const sotto_layer*>(at);
        if (layer.kind == SOTTO_LAYER_CONVOLUTION) {
            width += std::log(1.0 + layer.output.channels * layer.window.kernel_height);
        } else if (layer.activation == SOTTO_ACTIVATION_RELU) {
            nonlinear += 1;
        }
    }
    return width + weight * nonlinear;
}

sotto_status evaluate(sotto_instance* instance, const sotto_candidate* const* candidates, sotto_result* const* results,
                      std::uint32_t count, const sotto_error_sink* /*error*/) {
    const auto& probe = *static_cast<const Probe*>(instance->plugin_data);
    for (std::uint32_t i = 0; i < count; ++i) {
        send_chosen_signals("SOTTO_TEST_SIGNALS", ++evaluations);
        results[i]->status = SOTTO_OK;
        results[i]->metrics[0] = score(*candidates[i]->network, probe.weight) + probe.bonus;
        if (probe.every == 0 || candidates[i]->seed % probe.every != 1) {
            continue;
        }
        if (probe.fault == "nan") {
            results[i]->metrics[0] = std::numeric_limits<double>::quiet_NaN();
        } else if (probe.fault == "throw") {
            throw std::runtime_error("the probe threw as asked");
        } else if (probe.fault == "unsupported") {
            results[i]->status = SOTTO_UNSUPPORTED;
            results[i]->error->report(results[i]->error, "layer 'x': not supported by the probe");
        }
    }
    return SOTTO_OK;
}

constexpr sotto_metric metric = {
    sizeof(sotto_metric),     SOTTO_DIRECTION_MAXIMIZE, SOTTO_METRIC_NON_NEGATIVE, 0, "accuracy.probe", "1",
    "width and non-linearity"};
const char* const faults[] = {"none", "nan", "throw", "unsupported", nullptr};
constexpr sotto_parameter parameters[] = {
    {sizeof(sotto_parameter), SOTTO_PARAMETER_NUMBER, 0, 0, 0, 10, "weight", "of one activation", "5e-1", nullptr},
    {sizeof(sotto_parameter), SOTTO_PARAMETER_TEXT, 0, 0, 0, 0, "fault", "what goes wrong", "none", faults},
    {sizeof(sotto_parameter), SOTTO_PARAMETER_INTEGER, 0, 0, 0, 1000, "every",
     "one candidate in so many is hit, by its seed; 0: none", "0", nullptr},
    {sizeof(sotto_parameter), SOTTO_PARAMETER_INTEGER, 0, 0, 0, 1000, "fit_sample", "members to fit to", "0", nullptr},
    {sizeof(sotto_parameter), SOTTO_PARAMETER_TEXT, 0, 0, 0, 0, "fitted", "added to the score: its length", "",
     nullptr},
};
constexpr sotto_descriptor descriptor = {sizeof(sotto_descriptor),
                                         SOTTO_NEEDS_NETWORK,
                                         SOTTO_CAPABILITY_DETERMINISTIC,
                                         SOTTO_THREADS_SHARED,
                                         "probe",
                                         "1",
                                         "a cheap score for tests",
                                         1,
                                         sizeof(sotto_metric),
                                         &metric,
                                         5,
                                         sizeof(sotto_parameter),
                                         parameters,
                                         nullptr,
                                         nullptr,
                                         0,
                                         0,
                                         5000,
                                         0,
                                         0};

sotto_status create(const sotto_factory* /*factory*/, const sotto_host* /*host*/, const char* /*id*/,
                    const sotto_argument* const* arguments, std::uint32_t count, sotto_instance** instance,
                    const sotto_error_sink* /*error*/) {
    auto* probe = new Probe;
    for (std::uint32_t i = 0; i < count; ++i) {
        if (std::strcmp(arguments[i]->name, "weight") == 0) {
            probe->weight = std::strtod(arguments[i]->value, nullptr);
        } else if (std::strcmp(arguments[i]->name, "fault") == 0) {
            probe->fault = arguments[i]->value;
        } else if (std::strcmp(arguments[i]->name, "every") == 0) {
            probe->every = std::strtoull(arguments[i]->value, nullptr, 10);
        } else if (std::strcmp(arguments[i]->name, "fitted") == 0) {
            probe->bonus = static_cast<double>(std::strlen(arguments[i]->value));
        }
    }
    probe->instance.struct_size = sizeof(sotto_instance);
    probe->instance.plugin_data = probe;
    probe->instance.destroy = [](sotto_instance* self) { delete static_cast<Probe*>(self->plugin_data); };
    probe->instance.evaluate_batch = evaluate;
    *instance = &probe->instance;
    return SOTTO_OK;
}

const sotto_factory factory = {sizeof(sotto_factory), 0, [](const sotto_factory*) -> std::uint32_t { return 1; },
                               [](const sotto_factory*, std::uint32_t) { return &descriptor; }, create};

}  // namespace

extern "C" SOTTO_PLUGIN_EXPORT const sotto_plugin_entry_v1 sotto_plugin_entry = {
    SOTTO_PLUGIN_ABI_VERSION, sizeof(sotto_plugin_entry_v1),
    [](const char*, const sotto_host*, const sotto_error_sink*) -> sotto_status { return SOTTO_OK; }, [] {},
    [](const char* id) { return std::strcmp(id, SOTTO_ACCURACY_PROXY_FACTORY) == 0 ? &factory : nullptr; }};
