/* SPDX-License-Identifier: Apache-2.0
 * A sound cost model in plain C11 that reads both views, asks for every service of the host and offers every extension:
 * a constant for each layer, and a price for each element of an operation, which can be fitted. */
#include <stdlib.h>
#include <string.h>

#include "sotto/plugin.h"

#define METRIC_COUNT 2u

struct model {
    sotto_instance instance;
    const sotto_host* host;
    double layer_ms;
    double element_ms;
};

/* Of one candidate, up to some operation. */
struct sotto_incremental_state {
    uint32_t operation_count;
    double totals[]; /* METRIC_COUNT after each operation */
};

struct saved {
    char mark[16];
    double element_ms;
    uint64_t check;
};

static const char mark[16] = "every-extension";

static void destroy(sotto_instance* instance) {
    free(instance->plugin_data);
}

static int is_known(int32_t kind) {
    return kind >= SOTTO_OPERATION_CONVOLUTION && kind <= SOTTO_OPERATION_ARGMAX;
}

/* 0 where the candidate cannot be scored: the record then says why. */
static int is_scored(const sotto_candidate* candidate, sotto_result* result) {
    for (uint32_t i = 0; i < candidate->network->layer_count; ++i) {
        const sotto_layer* layer = sotto_layer_at(candidate->network, i);
        if (layer->kind < SOTTO_LAYER_INPUT || layer->kind > SOTTO_LAYER_PAD ||
            layer->activation < SOTTO_ACTIVATION_NONE || layer->activation > SOTTO_ACTIVATION_IDENTITY) {
            result->status = SOTTO_UNSUPPORTED;
            result->error->report(result->error, "a layer or activation of unknown kind");
            return 0;
        }
    }
    for (uint32_t i = 0; i < candidate->program->operation_count; ++i) {
        if (!is_known(sotto_operation_at(candidate->program, i)->kind)) {
            result->status = SOTTO_UNSUPPORTED;
            result->error->report(result->error, "an operation of unknown kind");
            return 0;
        }
    }
    result->status = SOTTO_OK;
    return 1;
}

/* What an operation adds to each metric. */
static void price(const struct model* model, const sotto_candidate* candidate, uint32_t index, double* values) {
    const sotto_operation* operation = sotto_operation_at(candidate->program, index);
    values[0] = model->layer_ms + model->element_ms * (double)operation->elements;
    values[1] = 8.0 * (double)operation->elements;
}

/* totals: null, or room for METRIC_COUNT after each operation, those before `first` filled. */
static void add_up(const struct model* model, const sotto_candidate* candidate, uint32_t first, double* totals,
                   double* metrics, double* operation_values) {
    double sum[METRIC_COUNT] = {0, 0};
    if (first > 0) {
        memcpy(sum, totals + (size_t)(first - 1) * METRIC_COUNT, sizeof sum);
    }
    for (uint32_t i = first; i < candidate->program->operation_count; ++i) {
        double values[METRIC_COUNT];
        price(model, candidate, i, values);
        for (uint32_t metric = 0; metric < METRIC_COUNT; ++metric) {
            sum[metric] += values[metric];
            if (operation_values != NULL) {
                operation_values[(size_t)i * METRIC_COUNT + metric] = values[metric];
            }
        }
        if (totals != NULL) {
            memcpy(totals + (size_t)i * METRIC_COUNT, sum, sizeof sum);
        }
    }
    memcpy(metrics, sum, sizeof sum);
}

struct batch {
    const struct model* model;
    const sotto_candidate* const* candidates;
    sotto_result* const* results;
};

static void score_one(void* data, uint32_t index) {
    const struct batch* batch = data;
    sotto_result* result = batch->results[index];
    if (is_scored(batch->candidates[index], result)) {
        add_up(batch->model, batch->candidates[index], 0, NULL, result->metrics, result->operation_values);
    }
}

static sotto_status evaluate_batch(sotto_instance* instance, const sotto_candidate* const* candidates,
                                   sotto_result* const* results, uint32_t count, const sotto_error_sink* error) {
    const struct model* model = instance->plugin_data;
    struct batch batch = {model, candidates, results};
    if (model->host->is_cancelled(model->host)) {
        error->report(error, "the run is being stopped");
        return SOTTO_CANCELLED;
    }
    if (model->host->parallel_for(model->host, count, score_one, &batch) != SOTTO_OK) {
        for (uint32_t i = 0; i < count; ++i) {
            if (model->host->is_cancelled(model->host)) {
                error->report(error, "the run is being stopped");
                return SOTTO_CANCELLED;
            }
            score_one(&batch, i);
        }
    }
    return SOTTO_OK;
}

static sotto_status evaluate_uncertainty(sotto_instance* instance, const sotto_candidate* const* candidates,
                                         sotto_result* const* results, uint32_t count, const sotto_error_sink* error) {
    const sotto_status status = evaluate_batch(instance, candidates, results, count, error);
    for (uint32_t i = 0; status == SOTTO_OK && i < count; ++i) {
        if (results[i]->status == SOTTO_OK) {
            results[i]->metrics[0] *= 0.125;
            results[i]->metrics[1] = 0;
        }
    }
    return status;
}

/* From whole programs alone: the least squares of one coefficient. */
static sotto_status fit(sotto_instance* instance, const sotto_measurement* const* measurements, uint32_t count,
                        const sotto_error_sink* error) {
    struct model* model = instance->plugin_data;
    double numerator = 0;
    double denominator = 0;
    for (uint32_t i = 0; i < count; ++i) {
        const sotto_program* program = measurements[i]->candidate->program;
        double elements = 0;
        if (measurements[i]->metric != 0) {
            continue;
        }
        if (measurements[i]->operation != SOTTO_WHOLE_PROGRAM) {
            error->report(error, "found a measurement of one operation, expected whole programs");
            return SOTTO_INVALID_ARGUMENT;
        }
        for (uint32_t o = 0; o < program->operation_count; ++o) {
            elements += (double)sotto_operation_at(program, o)->elements;
        }
        numerator += elements * (measurements[i]->value - model->layer_ms * program->operation_count);
        denominator += elements * elements;
    }
    if (!(denominator > 0) || !(numerator > 0) || !(numerator / denominator < 1e6)) {
        error->report(error, "found measurements that no price of an element fits");
        return SOTTO_INVALID_ARGUMENT;
    }
    model->element_ms = numerator / denominator;
    return SOTTO_OK;
}

static uint64_t check_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return ~(bits * UINT64_C(0x9e3779b97f4a7c15));
}

static sotto_status save(sotto_instance* instance, void* bytes, uint64_t capacity, uint64_t* size,
                         const sotto_error_sink* error) {
    const struct model* model = instance->plugin_data;
    struct saved saved;
    (void)error;
    memcpy(saved.mark, mark, sizeof mark);
    saved.element_ms = model->element_ms;
    saved.check = check_of(model->element_ms);
    *size = sizeof saved;
    if (capacity >= sizeof saved) {
        memcpy(bytes, &saved, sizeof saved);
    }
    return SOTTO_OK;
}

static sotto_status load(sotto_instance* instance, const void* bytes, uint64_t size, const sotto_error_sink* error) {
    struct model* model = instance->plugin_data;
    struct saved saved;
    if (size == sizeof saved) {
        memcpy(&saved, bytes, sizeof saved);
        if (memcmp(saved.mark, mark, sizeof mark) == 0 && saved.check == check_of(saved.element_ms)) {
            model->element_ms = saved.element_ms;
            return SOTTO_OK;
        }
    }
    error->report(error, "found bytes that are no state of every-extension");
    return SOTTO_INVALID_ARGUMENT;
}

static sotto_status evaluate_child(sotto_instance* instance, const sotto_prefix* prefix,
                                   const sotto_candidate* candidate, sotto_result* result,
                                   sotto_incremental_state** kept, const sotto_error_sink* error) {
    const struct model* model = instance->plugin_data;
    const uint32_t count = candidate->program->operation_count;
    sotto_incremental_state* state;
    if (kept != NULL) {
        *kept = NULL;
    }
    if (!is_scored(candidate, result)) {
        return SOTTO_OK;
    }
    state = malloc(sizeof *state + (size_t)count * METRIC_COUNT * sizeof(double));
    if (state == NULL) {
        error->report(error, "out of memory");
        return SOTTO_OUT_OF_MEMORY;
    }
    state->operation_count = count;
    if (prefix != NULL) {
        memcpy(state->totals, prefix->parent->totals, (size_t)prefix->operations * METRIC_COUNT * sizeof(double));
    }
    add_up(model, candidate, prefix != NULL ? prefix->operations : 0, state->totals, result->metrics, NULL);
    if (kept != NULL) {
        *kept = state;
    } else {
        free(state);
    }
    return SOTTO_OK;
}

static void release(sotto_instance* instance, sotto_incremental_state* state) {
    (void)instance;
    free(state);
}

static const void* get_extension(const sotto_instance* instance, const char* id) {
    static const sotto_per_operation per_operation = {sizeof(sotto_per_operation), 0, evaluate_batch};
    static const sotto_uncertainty uncertainty = {sizeof(sotto_uncertainty), 0, evaluate_uncertainty};
    static const sotto_calibrate calibrate = {sizeof(sotto_calibrate), 0, fit, save, load};
    static const sotto_incremental incremental = {sizeof(sotto_incremental), 0, evaluate_child, release};
    (void)instance;
    if (strcmp(id, SOTTO_PER_OPERATION_EXTENSION) == 0) {
        return &per_operation;
    }
    if (strcmp(id, SOTTO_UNCERTAINTY_EXTENSION) == 0) {
        return &uncertainty;
    }
    if (strcmp(id, SOTTO_CALIBRATE_EXTENSION) == 0) {
        return &calibrate;
    }
    return strcmp(id, SOTTO_INCREMENTAL_EXTENSION) == 0 ? &incremental : NULL;
}

static const sotto_metric metrics[] = {
    {sizeof(sotto_metric), SOTTO_DIRECTION_MINIMIZE, SOTTO_METRIC_NON_NEGATIVE | SOTTO_METRIC_SUM, 0,
     "latency.total_ms", "ms", "price of all operations"},
    {sizeof(sotto_metric), SOTTO_DIRECTION_MINIMIZE, SOTTO_METRIC_NON_NEGATIVE | SOTTO_METRIC_SUM, 0,
     "traffic.total_bytes", "bytes", "8 bytes an element"},
};
static const sotto_parameter parameters[] = {
    {sizeof(sotto_parameter), SOTTO_PARAMETER_NUMBER, 0, 0, 0, 1000, "layer-ms", "milliseconds of every operation",
     "0.25", NULL},
};
static const int32_t operation_kinds[] = {
    SOTTO_OPERATION_CONVOLUTION,     SOTTO_OPERATION_RELU,       SOTTO_OPERATION_MAX_POOL,
    SOTTO_OPERATION_AVERAGE_POOL,    SOTTO_OPERATION_TRUNCATION, SOTTO_OPERATION_BATCH_NORMALIZATION,
    SOTTO_OPERATION_FULLY_CONNECTED, SOTTO_OPERATION_MULTIPLY,   SOTTO_OPERATION_ARGMAX,
};
static const sotto_descriptor descriptor_of_model = {
    sizeof(sotto_descriptor),
    SOTTO_NEEDS_PROGRAM | SOTTO_NEEDS_NETWORK,
    SOTTO_CAPABILITY_DETERMINISTIC,
    SOTTO_THREADS_SHARED,
    "every-extension",
    "1.0",
    "offers every extension",
    METRIC_COUNT,
    sizeof(sotto_metric),
    metrics,
    1,
    sizeof(sotto_parameter),
    parameters,
    operation_kinds,
    NULL,
    sizeof operation_kinds / sizeof operation_kinds[0],
    0,
    5000, /* costly enough for a host to go on from parents */
    16,
    0,
};

static uint32_t factory_count(const sotto_factory* factory) {
    (void)factory;
    return 1;
}

static const sotto_descriptor* factory_descriptor(const sotto_factory* factory, uint32_t index) {
    (void)factory;
    return index == 0 ? &descriptor_of_model : NULL;
}

static sotto_status factory_create(const sotto_factory* factory, const sotto_host* host, const char* plugin_id,
                                   const sotto_argument* const* arguments, uint32_t argument_count,
                                   sotto_instance** instance, const sotto_error_sink* error) {
    struct model* model;
    char* end = NULL;
    double layer_ms;
    (void)factory;
    if (strcmp(plugin_id, descriptor_of_model.id) != 0) {
        error->report(error, "no such plug-in");
        return SOTTO_INVALID_ARGUMENT;
    }
    if (argument_count != 1 || strcmp(arguments[0]->name, "layer-ms") != 0) {
        error->report(error, "expected the argument 'layer-ms' alone");
        return SOTTO_INVALID_ARGUMENT;
    }
    layer_ms = strtod(arguments[0]->value, &end);
    if (end == arguments[0]->value || *end != '\0' || !(layer_ms >= 0 && layer_ms <= 1000)) {
        error->report(error, "layer-ms: expected a number from 0 to 1000");
        return SOTTO_INVALID_ARGUMENT;
    }
    model = calloc(1, sizeof *model);
    if (model == NULL) {
        error->report(error, "out of memory");
        return SOTTO_OUT_OF_MEMORY;
    }
    if (host->get_extension(host, "org.example.no-such-service/1") == NULL) {
        host->log(host, SOTTO_LOG_DEBUG, "every-extension was made");
    }
    model->host = host;
    model->layer_ms = layer_ms;
    model->element_ms = 0.0009765625;
    model->instance.struct_size = sizeof(sotto_instance);
    model->instance.plugin_data = model;
    model->instance.destroy = destroy;
    model->instance.evaluate_batch = evaluate_batch;
    model->instance.get_extension = get_extension;
    *instance = &model->instance;
    return SOTTO_OK;
}

static const sotto_factory cost_models = {sizeof(sotto_factory), 0, factory_count, factory_descriptor, factory_create};

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

SOTTO_PLUGIN_EXPORT const sotto_plugin_entry_v1 sotto_plugin_entry = {
    SOTTO_PLUGIN_ABI_VERSION, sizeof(sotto_plugin_entry_v1), init, deinit, get_factory,
};
