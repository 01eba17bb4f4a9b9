/* SPDX-License-Identifier: Apache-2.0
 * A sound cost model in plain C11: counts operations, priced by two parameters. Also offers per-operation values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sotto/plugin.h"

struct counter {
    sotto_instance instance;
    double price_ms;
    double scale;
};

static const sotto_host* the_host;

static void destroy(sotto_instance* instance) {
    free(instance->plugin_data);
}

static sotto_status evaluate_batch(sotto_instance* instance, const sotto_candidate* const* candidates,
                                   sotto_result* const* results, uint32_t count, const sotto_error_sink* error) {
    const struct counter* self = instance->plugin_data;
    (void)error;
    for (uint32_t i = 0; i < count; ++i) {
        const sotto_program* program = candidates[i]->program;
        sotto_result* result = results[i];
        result->status = SOTTO_OK;
        for (uint32_t o = 0; o < program->operation_count; ++o) {
            if (sotto_operation_at(program, o)->kind == SOTTO_OPERATION_ARGMAX) {
                char text[64];
                snprintf(text, sizeof text, "operation %u: argmax", (unsigned)o);
                result->status = SOTTO_UNSUPPORTED;
                result->error->report(result->error, text);
                break;
            }
        }
        if (result->status == SOTTO_OK) {
            result->metrics[0] = self->price_ms * self->scale * program->operation_count;
            result->metrics[1] = (double)program->operation_count;
        }
    }
    return SOTTO_OK;
}

static sotto_status per_operation(sotto_instance* instance, const sotto_candidate* const* candidates,
                                  sotto_result* const* results, uint32_t count, const sotto_error_sink* error) {
    const struct counter* self = instance->plugin_data;
    evaluate_batch(instance, candidates, results, count, error);
    for (uint32_t i = 0; i < count; ++i) {
        for (uint32_t o = 0; results[i]->status == SOTTO_OK && o < candidates[i]->program->operation_count; ++o) {
            results[i]->operation_values[2 * o] = self->price_ms * self->scale;
            results[i]->operation_values[2 * o + 1] = 1;
        }
    }
    return SOTTO_OK;
}

static const sotto_per_operation per_operation_extension = {sizeof(sotto_per_operation), 0, per_operation};

static const void* get_extension(const sotto_instance* instance, const char* id) {
    (void)instance;
    return strcmp(id, SOTTO_PER_OPERATION_EXTENSION) == 0 ? &per_operation_extension : NULL;
}

static const sotto_metric metrics[] = {
    {sizeof(sotto_metric), SOTTO_DIRECTION_MINIMIZE, SOTTO_METRIC_NON_NEGATIVE | SOTTO_METRIC_SUM, 0,
     "latency.total_ms", "ms", "price of all operations"},
    {sizeof(sotto_metric), SOTTO_DIRECTION_NEUTRAL, SOTTO_METRIC_NON_NEGATIVE | SOTTO_METRIC_SUM, 0, "operations", "1",
     "number of operations"},
};
static const char* const modes[] = {"plain", "double", NULL};
static const sotto_parameter parameters[] = {
    {sizeof(sotto_parameter), SOTTO_PARAMETER_NUMBER, SOTTO_PARAMETER_REQUIRED, 0, 0, 1000, "price",
     "milliseconds an operation", NULL, NULL},
    {sizeof(sotto_parameter), SOTTO_PARAMETER_TEXT, 0, 0, 0, 0, "mode", "how to count", "plain", modes},
    {sizeof(sotto_parameter), SOTTO_PARAMETER_INTEGER, 0, 0, 1, 8, "repeat", "how often each operation runs", "1",
     NULL},
    {sizeof(sotto_parameter), SOTTO_PARAMETER_BOOLEAN, 0, 0, 0, 0, "verbose", "tell what happens", "false", NULL},
};
static const sotto_descriptor descriptor_of_counter = {
    sizeof(sotto_descriptor),
    SOTTO_NEEDS_PROGRAM,
    SOTTO_CAPABILITY_DETERMINISTIC,
    SOTTO_THREADS_SHARED,
    "plain-counter",
    "1.0",
    "prices every operation alike",
    2,
    sizeof(sotto_metric),
    metrics,
    4,
    sizeof(sotto_parameter),
    parameters,
    NULL,
    NULL,
    0,
    0,
    0.5,
    0,
    0,
};

static uint32_t factory_count(const sotto_factory* factory) {
    (void)factory;
    return 1;
}

static const sotto_descriptor* factory_descriptor(const sotto_factory* factory, uint32_t index) {
    (void)factory;
    return index == 0 ? &descriptor_of_counter : NULL;
}

static sotto_status factory_create(const sotto_factory* factory, const sotto_host* host, const char* plugin_id,
                                   const sotto_argument* const* arguments, uint32_t argument_count,
                                   sotto_instance** instance, const sotto_error_sink* error) {
    (void)factory;
    (void)plugin_id;
    if (host != the_host) {
        error->report(error, "create got another host than init");
        return SOTTO_INVALID_ARGUMENT;
    }
    struct counter* self = calloc(1, sizeof *self);
    if (self == NULL) {
        error->report(error, "out of memory");
        return SOTTO_OUT_OF_MEMORY;
    }
    self->scale = 1;
    for (uint32_t i = 0; i < argument_count; ++i) {
        if (strcmp(arguments[i]->name, "price") == 0) {
            self->price_ms = strtod(arguments[i]->value, NULL);
        } else if (strcmp(arguments[i]->name, "repeat") == 0) {
            self->scale *= strtod(arguments[i]->value, NULL);
        } else if (strcmp(arguments[i]->name, "mode") == 0 && strcmp(arguments[i]->value, "double") == 0) {
            self->scale *= 2;
        } else if (strcmp(arguments[i]->name, "verbose") == 0 && strcmp(arguments[i]->value, "true") == 0) {
            host->log(host, SOTTO_LOG_INFO, host->is_cancelled(host) ? "stopping" : "counting");
        }
    }
    self->instance.struct_size = sizeof(sotto_instance);
    self->instance.plugin_data = self;
    self->instance.destroy = destroy;
    self->instance.evaluate_batch = evaluate_batch;
    self->instance.get_extension = get_extension;
    *instance = &self->instance;
    return SOTTO_OK;
}

static const sotto_factory cost_models = {sizeof(sotto_factory), 0, factory_count, factory_descriptor, factory_create};

static sotto_status init(const char* library_path, const sotto_host* host, const sotto_error_sink* error) {
    if (library_path == NULL || library_path[0] != '/') {
        error->report(error, "init got no absolute path");
        return SOTTO_INVALID_ARGUMENT;
    }
    the_host = host;
    return SOTTO_OK;
}

static void deinit(void) {
    the_host = NULL;
}

static const sotto_factory* get_factory(const char* factory_id) {
    return strcmp(factory_id, SOTTO_COST_MODEL_FACTORY) == 0 ? &cost_models : NULL;
}

SOTTO_PLUGIN_EXPORT const sotto_plugin_entry_v1 sotto_plugin_entry = {
    SOTTO_PLUGIN_ABI_VERSION, sizeof(sotto_plugin_entry_v1), init, deinit, get_factory,
};
