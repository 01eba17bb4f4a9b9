/* SPDX-License-Identifier: Apache-2.0 */
/* my-model: a cost model in plain C. Every operation of the secure program costs a constant and a price an element,
 * which its parameters set. Contract of every function: sotto/plugin.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sotto/plugin.h"

/* ------------------------------------------------------------- declaration */

enum { TOTAL_MS, METRIC_COUNT };

static const sotto_metric metrics[METRIC_COUNT] = {
    {
        .struct_size = sizeof(sotto_metric),
        .direction = SOTTO_DIRECTION_MINIMIZE,
        .flags = SOTTO_METRIC_NON_NEGATIVE | SOTTO_METRIC_SUM,
        .name = "latency.total_ms",
        .unit = "ms",
        .description = "time of all operations",
    },
};

enum { OPERATION_US, ELEMENT_NS, PARAMETER_COUNT };

static const sotto_parameter parameters[PARAMETER_COUNT] = {
    {
        .struct_size = sizeof(sotto_parameter),
        .type = SOTTO_PARAMETER_NUMBER,
        .least = 0,
        .most = 1e9,
        .name = "operation_us",
        .help = "microseconds of every operation, whatever its size",
        .default_value = "250",
    },
    {
        .struct_size = sizeof(sotto_parameter),
        .type = SOTTO_PARAMETER_NUMBER,
        .least = 0,
        .most = 1e9,
        .name = "element_ns",
        .help = "nanoseconds of every element that a relu compares; other operations cost a hundredth of it",
        .default_value = "900",
    },
};

static const int32_t operation_kinds[] = {
    SOTTO_OPERATION_CONVOLUTION, SOTTO_OPERATION_RELU,
    SOTTO_OPERATION_MAX_POOL,    SOTTO_OPERATION_AVERAGE_POOL,
    SOTTO_OPERATION_TRUNCATION,  SOTTO_OPERATION_BATCH_NORMALIZATION,
    SOTTO_OPERATION_MULTIPLY,    SOTTO_OPERATION_FULLY_CONNECTED,
};

static const sotto_descriptor description = {
    .struct_size = sizeof(sotto_descriptor),
    .needs = SOTTO_NEEDS_PROGRAM,
    .capabilities = SOTTO_CAPABILITY_DETERMINISTIC,
    .thread_level = SOTTO_THREADS_SHARED,
    .id = "my-model",
    .version = "1.0.0",
    .description = "a constant an operation and a price an element",
    .metric_count = METRIC_COUNT,
    .metric_stride = sizeof(sotto_metric),
    .metrics = metrics,
    .parameter_count = PARAMETER_COUNT,
    .parameter_stride = sizeof(sotto_parameter),
    .parameters = parameters,
    .operation_kinds = operation_kinds,
    .operation_kind_count = sizeof operation_kinds / sizeof operation_kinds[0],
    .typical_cost_us = 1,
};

/* ------------------------------------------------------------------- model */

struct model {
    sotto_instance instance; /* what the host sees */
    double operation_ms;
    double element_ms;
};

static int is_supported(int32_t kind) {
    for (size_t i = 0; i < sizeof operation_kinds / sizeof operation_kinds[0]; ++i) {
        if (operation_kinds[i] == kind) {
            return 1;
        }
    }
    return 0;
}

/* Milliseconds of one operation. */
static double price(const struct model* model, const sotto_operation* operation) {
    const double share = operation->kind == SOTTO_OPERATION_RELU ? 1.0 : 0.01;
    return model->operation_ms + model->element_ms * share * (double)operation->elements;
}

/* Scores one candidate; with room for it, writes what each operation costs too. */
static void score(const struct model* model, const sotto_candidate* candidate, sotto_result* result) {
    const sotto_program* program = candidate->program;
    double total = 0;
    for (uint32_t i = 0; i < program->operation_count; ++i) {
        const sotto_operation* operation = sotto_operation_at(program, i);
        if (!is_supported(operation->kind)) {
            char text[80];
            snprintf(text, sizeof text, "operation %lu: kind %ld is not priced", (unsigned long)i,
                     (long)operation->kind);
            result->error->report(result->error, text);
            result->status = SOTTO_UNSUPPORTED;
            return;
        }
        const double own = price(model, operation);
        if (result->operation_values != NULL) {
            result->operation_values[(size_t)i * METRIC_COUNT + TOTAL_MS] = own;
        }
        total += own;
    }
    result->metrics[TOTAL_MS] = total;
    result->status = SOTTO_OK;
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

/* The same function serves both: score() looks whether there is room for values of operations. */
static const sotto_per_operation per_operation = {
    .struct_size = sizeof(sotto_per_operation),
    .evaluate_batch = evaluate_batch,
};

static const void* get_extension(const sotto_instance* instance, const char* id) {
    (void)instance;
    return strcmp(id, SOTTO_PER_OPERATION_EXTENSION) == 0 ? &per_operation : NULL;
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
    /* Arguments come in declared order. */
    double values[PARAMETER_COUNT];
    for (uint32_t i = 0; i < PARAMETER_COUNT; ++i) {
        if (!read_number(arguments[i], &parameters[i], &values[i])) {
            error->report(error, "a parameter is unknown, no number, or out of its range");
            return SOTTO_INVALID_ARGUMENT;
        }
    }
    struct model* model = calloc(1, sizeof *model);
    if (model == NULL) {
        return SOTTO_OUT_OF_MEMORY;
    }
    model->operation_ms = values[OPERATION_US] * 1e-3;
    model->element_ms = values[ELEMENT_NS] * 1e-6;
    model->instance.struct_size = sizeof(sotto_instance);
    model->instance.plugin_data = model;
    model->instance.destroy = destroy;
    model->instance.evaluate_batch = evaluate_batch;
    model->instance.get_extension = get_extension;
    *instance = &model->instance;
    return SOTTO_OK;
}

static const sotto_factory cost_models = {
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
    return strcmp(factory_id, SOTTO_COST_MODEL_FACTORY) == 0 ? &cost_models : NULL;
}

const sotto_plugin_entry_v1 sotto_plugin_entry = {
    .abi_version = SOTTO_PLUGIN_ABI_VERSION,
    .struct_size = sizeof(sotto_plugin_entry_v1),
    .init = init,
    .deinit = deinit,
    .get_factory = get_factory,
};
