/* SPDX-License-Identifier: Apache-2.0 */
/* my-model: an accuracy proxy in plain C. Scores a network by its depth of activations and its width, which is a start
 * and no more. Contract of every function: sotto/plugin.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sotto/plugin.h"

/* ------------------------------------------------------------- declaration */

enum { SCORE, METRIC_COUNT };

static const sotto_metric metrics[METRIC_COUNT] = {
    {
        .struct_size = sizeof(sotto_metric),
        .direction = SOTTO_DIRECTION_MAXIMIZE,
        .flags = SOTTO_METRIC_NON_NEGATIVE,
        .name = "accuracy.my_model",
        .unit = "1",
        .description = "higher is better",
    },
};

enum { WIDTH_WEIGHT, PARAMETER_COUNT };

static const sotto_parameter parameters[PARAMETER_COUNT] = {
    {
        .struct_size = sizeof(sotto_parameter),
        .type = SOTTO_PARAMETER_NUMBER,
        .least = 0,
        .most = 100,
        .name = "width_weight",
        .help = "what a doubling of the width is worth, in activations",
        .default_value = "0.5",
    },
};

static const sotto_descriptor description = {
    .struct_size = sizeof(sotto_descriptor),
    .needs = SOTTO_NEEDS_NETWORK,
    .capabilities = SOTTO_CAPABILITY_DETERMINISTIC,
    .thread_level = SOTTO_THREADS_SHARED,
    .id = "my-model",
    .version = "1.0.0",
    .description = "depth of activations, and the logarithm of the width before them",
    .metric_count = METRIC_COUNT,
    .metric_stride = sizeof(sotto_metric),
    .metrics = metrics,
    .parameter_count = PARAMETER_COUNT,
    .parameter_stride = sizeof(sotto_parameter),
    .parameters = parameters,
    .typical_cost_us = 1,
};

/* ------------------------------------------------------------------- model */

struct model {
    sotto_instance instance; /* what the host sees */
    double width_weight;
};

/* A later host has kinds of layers and activations that are not in this header. */
static int is_known(const sotto_layer* layer) {
    return layer->kind >= SOTTO_LAYER_INPUT && layer->kind <= SOTTO_LAYER_PAD &&
           layer->activation >= SOTTO_ACTIVATION_NONE && layer->activation <= SOTTO_ACTIVATION_IDENTITY;
}

/* depths: room for one number a layer, the activations on the way from the input. */
static void score_with(const struct model* model, const sotto_network* network, uint32_t* depths,
                       sotto_result* result) {
    double width = 0;
    for (uint32_t i = 0; i < network->layer_count; ++i) {
        const sotto_layer* layer = sotto_layer_at(network, i);
        if (!is_known(layer)) {
            char text[96];
            snprintf(text, sizeof text, "layer %lu: kind %ld with activation %ld is not known", (unsigned long)i,
                     (long)layer->kind, (long)layer->activation);
            result->error->report(result->error, text);
            result->status = SOTTO_UNSUPPORTED;
            return;
        }
        depths[i] = 0;
        for (uint32_t operand = 0; operand < layer->operand_count; ++operand) {
            const uint32_t before = depths[network->operand_layers[layer->first_operand + operand]];
            depths[i] = before > depths[i] ? before : depths[i];
        }
        if (layer->kind == SOTTO_LAYER_ACTIVATION && layer->activation != SOTTO_ACTIVATION_IDENTITY) {
            depths[i] += 1;
            width += log2(1.0 + layer->output.channels);
        }
    }
    result->metrics[SCORE] = depths[network->output_layer] + model->width_weight * width;
    result->status = SOTTO_OK;
}

static void score(const struct model* model, const sotto_candidate* candidate, sotto_result* result) {
    uint32_t* depths = malloc(candidate->network->layer_count * sizeof *depths);
    if (depths == NULL) {
        result->status = SOTTO_OUT_OF_MEMORY;
        return;
    }
    score_with(model, candidate->network, depths, result);
    free(depths);
}

static sotto_status evaluate_batch(sotto_instance* instance, const sotto_candidate* const* candidates,
                                   sotto_result* const* results, uint32_t count, const sotto_error_sink* error) {
    const struct model* model = instance->plugin_data;
    (void)error; /* only for a failure of the whole call */
    for (uint32_t i = 0; i < count; ++i) {
        score(model, candidates[i], results[i]);
    }
    return SOTTO_OK;
}

static void destroy(sotto_instance* instance) {
    free(instance->plugin_data);
}

/* ----------------------------------------------------------------- factory */

static uint32_t count(const sotto_factory* factory) {
    (void)factory;
    return 1;
}

static const sotto_descriptor* descriptor(const sotto_factory* factory, uint32_t index) {
    (void)factory;
    return index == 0 ? &description : NULL;
}

/* Reads a number; 0 where it is another parameter's, the text is none, or it is out of the declared range. */
static int read_number(const sotto_argument* argument, const sotto_parameter* parameter, double* value) {
    char* end = NULL;
    *value = strtod(argument->value, &end);
    return strcmp(argument->name, parameter->name) == 0 && end != argument->value && *end == '\0' &&
           *value >= parameter->least && *value <= parameter->most;
}

static sotto_status create(const sotto_factory* factory, const sotto_host* host, const char* plugin_id,
                           const sotto_argument* const* arguments, uint32_t argument_count, sotto_instance** instance,
                           const sotto_error_sink* error) {
    (void)factory;
    (void)host; /* keep it in the model where log, is_cancelled or parallel_for are wanted */
    if (strcmp(plugin_id, description.id) != 0 || argument_count != PARAMETER_COUNT) {
        error->report(error, "unknown plug-in, or arguments that do not fit its parameters");
        return SOTTO_INVALID_ARGUMENT;
    }
    double width_weight = 0;
    if (!read_number(arguments[WIDTH_WEIGHT], &parameters[WIDTH_WEIGHT], &width_weight)) {
        error->report(error, "a parameter is unknown, no number, or out of its range");
        return SOTTO_INVALID_ARGUMENT;
    }
    struct model* model = calloc(1, sizeof *model);
    if (model == NULL) {
        return SOTTO_OUT_OF_MEMORY;
    }
    model->width_weight = width_weight;
    model->instance.struct_size = sizeof(sotto_instance);
    model->instance.plugin_data = model;
    model->instance.destroy = destroy;
    model->instance.evaluate_batch = evaluate_batch;
    *instance = &model->instance;
    return SOTTO_OK;
}

static const sotto_factory accuracy_proxies = {
    .struct_size = sizeof(sotto_factory),
    .count = count,
    .descriptor = descriptor,
    .create = create,
};

/* ------------------------------------------------------------------- entry */

static sotto_status init(const char* library_path, const sotto_host* host, const sotto_error_sink* error) {
    (void)library_path;
    (void)host;
    (void)error;
    return SOTTO_OK;
}

static void deinit(void) {}

static const sotto_factory* get_factory(const char* factory_id) {
    return strcmp(factory_id, SOTTO_ACCURACY_PROXY_FACTORY) == 0 ? &accuracy_proxies : NULL;
}

const sotto_plugin_entry_v1 sotto_plugin_entry = {
    .abi_version = SOTTO_PLUGIN_ABI_VERSION,
    .struct_size = sizeof(sotto_plugin_entry_v1),
    .init = init,
    .deinit = deinit,
    .get_factory = get_factory,
};
