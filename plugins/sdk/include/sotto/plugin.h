/* SPDX-License-Identifier: Apache-2.0
 *
 * The border between Sotto and its plug-ins: cost models and accuracy proxies. Plain C11 (C++11 and later too), no
 * dependency.
 *
 * PROVISIONAL: version 0 of the ABI may change until version 1 is announced; a library built for another version is
 * refused.
 *
 * Shape: a shared library exports one data symbol, `sotto_plugin_entry`. The host reads its version before it calls any
 * code, then entry -> init -> get_factory(id) -> create(plug-in id) -> instance -> evaluate_batch ... -> destroy ->
 * deinit.
 *
 * Rules that hold for every function:
 *  - No exception, longjmp or signal may leave a plug-in. Failure is a sotto_status and a text through the error sink
 * of the call.
 *  - Every struct that crosses starts with struct_size, set by whoever fills it. A reader uses no member beyond that
 * size.
 *  - Strings are UTF-8, end in NUL, and belong to whoever made them. What a descriptor points to lives until deinit;
 * what a call is given lives until the call returns. Nothing is freed across the border.
 *  - Results are a function of the candidate, its seed and the parameters. Order, batch size and threads must not
 * matter.
 *  - Thread classes: [any] from any thread at any time; [instance] no two calls on one instance at once (see
 * thread_level); [setup] calls on one library never run at once.
 */
#ifndef SOTTO_PLUGIN_H
#define SOTTO_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SOTTO_PLUGIN_ABI_VERSION 0u

#if defined(__GNUC__)
#define SOTTO_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define SOTTO_PLUGIN_EXPORT
#endif

#define SOTTO_COST_MODEL_FACTORY "sotto.cost-model/1"
#define SOTTO_ACCURACY_PROXY_FACTORY "sotto.accuracy-proxy/1"

/* ------------------------------------------------------------------ status */

typedef int32_t sotto_status;
enum {
    SOTTO_OK = 0,
    SOTTO_UNSUPPORTED =
        1, /* an answer, not a failure: this candidate cannot be scored; the text says which layer and why */
    SOTTO_INVALID_ARGUMENT = 2, /* parameters or candidate break the contract */
    SOTTO_OUT_OF_MEMORY = 3,
    SOTTO_INTERNAL = 4,
    SOTTO_CANCELLED = 5
};

/* Where a call puts its text. Owned by the host, valid until the call returns. report may be called more than once; the
 * last text counts. [any] */
typedef struct sotto_error_sink {
    uint32_t struct_size;
    uint32_t reserved;
    void* host_data;
    void (*report)(const struct sotto_error_sink* sink, const char* text);
} sotto_error_sink;

/* --------------------------------------------------------------- candidates */

typedef struct sotto_shape {
    int32_t channels;
    int32_t height;
    int32_t width;
} sotto_shape;

/* kernel, stride, padding in elements */
typedef struct sotto_window {
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t pad_top, pad_bottom, pad_left, pad_right;
} sotto_window;

enum {
    SOTTO_LAYER_INPUT = 1,
    SOTTO_LAYER_CONVOLUTION = 2,
    SOTTO_LAYER_BATCH_NORMALIZATION = 3,
    SOTTO_LAYER_ACTIVATION = 4,
    SOTTO_LAYER_MAX_POOL = 5,
    SOTTO_LAYER_AVERAGE_POOL = 6,
    SOTTO_LAYER_GLOBAL_MAX_POOL = 7,
    SOTTO_LAYER_GLOBAL_AVERAGE_POOL = 8,
    SOTTO_LAYER_FULLY_CONNECTED = 9,
    SOTTO_LAYER_ADD = 10,
    SOTTO_LAYER_CONCAT = 11,
    SOTTO_LAYER_FLATTEN = 12,
    SOTTO_LAYER_PAD = 13
};

enum {
    SOTTO_ACTIVATION_NONE = 0, /* not an activation layer */
    SOTTO_ACTIVATION_RELU = 1,
    SOTTO_ACTIVATION_SQUARE = 2,
    SOTTO_ACTIVATION_IDENTITY = 3
};

/* One layer. Layers stand in topological order; layer 0 is the input. Fields a kind does not use are 0. */
typedef struct sotto_layer {
    uint32_t struct_size;
    int32_t kind;       /* SOTTO_LAYER_ */
    int32_t activation; /* SOTTO_ACTIVATION_ */
    int32_t groups;
    int32_t bias; /* 0 or 1 */
    uint32_t first_operand;
    uint32_t operand_count; /* operands are operand_layers[first_operand ... + operand_count) of the network */
    sotto_shape output;
    sotto_window window; /* global pools: the whole input */
} sotto_layer;

/* Elements are host structs: step through `layers` with layer_stride bytes, not sizeof. Batch size is 1. */
typedef struct sotto_network {
    uint32_t struct_size;
    uint32_t layer_stride;
    uint32_t layer_count;
    uint32_t operand_count;
    uint32_t output_layer;
    uint32_t reserved;
    const sotto_layer* layers;
    const uint32_t* operand_layers;
} sotto_network;

enum {
    SOTTO_OPERATION_CONVOLUTION = 1,
    SOTTO_OPERATION_RELU = 2,
    SOTTO_OPERATION_MAX_POOL = 3,
    SOTTO_OPERATION_AVERAGE_POOL = 4,
    SOTTO_OPERATION_BATCH_NORMALIZATION = 5,
    SOTTO_OPERATION_TRUNCATION = 6,
    SOTTO_OPERATION_FULLY_CONNECTED = 7,
    SOTTO_OPERATION_MULTIPLY = 8,
    SOTTO_OPERATION_ARGMAX = 9
};

enum { SOTTO_NORMALIZATION_NONE = 0, SOTTO_NORMALIZATION_HOMOMORPHIC = 1, SOTTO_NORMALIZATION_ELEMENTWISE = 2 };

/* One operation of the secure engine, in execution order; shapes are before padding. */
typedef struct sotto_operation {
    uint32_t struct_size;
    int32_t kind;          /* SOTTO_OPERATION_ */
    int32_t normalization; /* SOTTO_NORMALIZATION_ */
    int32_t truncates;     /* relu: 1 when it rescales too */
    uint32_t layer;        /* the layer it comes from */
    uint32_t reserved;
    int64_t elements; /* of the output */
    sotto_shape input;
    sotto_shape output;
    sotto_window window;
} sotto_operation;

typedef struct sotto_program {
    uint32_t struct_size;
    uint32_t operation_stride;
    uint32_t operation_count;
    uint32_t reserved;
    const sotto_operation* operations;
} sotto_program;

/* What is scored. A view the plug-in did not ask for (needs) may be null. */
typedef struct sotto_candidate {
    uint32_t struct_size;
    uint32_t reserved;
    uint64_t seed; /* a function of the run's seed and the network alone */
    const sotto_network* network;
    const sotto_program* program;
} sotto_candidate;

/* ------------------------------------------------------------------ results */

/* One record per candidate, prepared by the host: metrics points to room for as many doubles as the descriptor names
 * metrics. The plug-in sets status, and every metric where status is SOTTO_OK. */
typedef struct sotto_result {
    uint32_t struct_size;
    sotto_status status;
    double* metrics;
    /* Called with the reason where status is not SOTTO_OK. */
    const sotto_error_sink* error;
} sotto_result;

/* ------------------------------------------------------------- description */

enum { SOTTO_DIRECTION_NEUTRAL = 0, SOTTO_DIRECTION_MINIMIZE = 1, SOTTO_DIRECTION_MAXIMIZE = 2 };

typedef struct sotto_metric {
    const char*
        name; /* `latency.client_ms`: lower case, digits, '_' and '.'; the unit in the name where it can be mistaken */
    const char* unit; /* "ms", "bytes", "1" */
    const char* description;
    int32_t direction;    /* which way is better */
    int32_t non_negative; /* 1: a negative value is a fault of the plug-in */
} sotto_metric;

enum { SOTTO_PARAMETER_INTEGER = 1, SOTTO_PARAMETER_NUMBER = 2, SOTTO_PARAMETER_TEXT = 3, SOTTO_PARAMETER_BOOLEAN = 4 };

typedef struct sotto_parameter {
    const char* name;
    const char* help;
    int32_t type;               /* SOTTO_PARAMETER_ */
    int32_t required;           /* 1: no default */
    double least, most;         /* integers and numbers, inclusive */
    const char* default_value;  /* as text, null where required */
    const char* const* choices; /* text: the allowed values, null-terminated; null: any */
} sotto_parameter;

enum { SOTTO_NEEDS_NETWORK = 1u, SOTTO_NEEDS_PROGRAM = 2u };
enum { SOTTO_CAPABILITY_DETERMINISTIC = 1u };
enum {
    SOTTO_THREADS_NONE = 0,     /* one call in the library at a time */
    SOTTO_THREADS_INSTANCE = 1, /* distinct instances may run at once */
    SOTTO_THREADS_SHARED = 2    /* evaluate_batch may run at once on one instance */
};

typedef struct sotto_descriptor {
    uint32_t struct_size;
    uint32_t needs;        /* SOTTO_NEEDS_ bits */
    uint32_t capabilities; /* SOTTO_CAPABILITY_ bits */
    int32_t thread_level;  /* SOTTO_THREADS_ */
    const char* id;        /* "analytical": lower case, digits, '-' */
    const char* version;
    const char* description;
    uint32_t metric_count;
    uint32_t metric_stride;
    const sotto_metric* metrics;
    uint32_t parameter_count;
    uint32_t parameter_stride;
    const sotto_parameter* parameters;
    /* How costly one candidate is, in microseconds, roughly: stages run cheapest first. */
    double typical_cost_us;
} sotto_descriptor;

/* ------------------------------------------------------------ host services */

enum { SOTTO_LOG_DEBUG = 0, SOTTO_LOG_INFO = 1, SOTTO_LOG_WARNING = 2 };

/* Valid from init to deinit. Every function [any]. */
typedef struct sotto_host {
    uint32_t struct_size;
    uint32_t reserved;
    void* host_data;
    void (*log)(const struct sotto_host* host, int32_t level, const char* text);
    /* Non-zero once the run is being stopped: a plug-in returns SOTTO_CANCELLED soon after. */
    int32_t (*is_cancelled)(const struct sotto_host* host);
} sotto_host;

/* ----------------------------------------------------------------- instance */

/* A parameter as configured, checked by the host against the declaration; its value as text. create() is given one for
 * every declared parameter, in declaration order, defaults filled in. */
typedef struct sotto_argument {
    const char* name;
    const char* value;
} sotto_argument;

typedef struct sotto_instance {
    uint32_t struct_size;
    uint32_t reserved;
    void* plugin_data;
    /* [setup] Frees the instance, this struct included. */
    void (*destroy)(struct sotto_instance* instance);
    /* [instance], or [any] at SOTTO_THREADS_SHARED. Scores *candidates[0 ... count); *results[i] belongs to
     * *candidates[i] (arrays of pointers, so that either struct can grow). A status other than SOTTO_OK of the call
     * itself means that no result counts. */
    sotto_status (*evaluate_batch)(struct sotto_instance* instance, const sotto_candidate* const* candidates,
                                   sotto_result* const* results, uint32_t count, const sotto_error_sink* error);
    /* [any] An optional extension by id, null where there is none. Valid until destroy. May be null itself. */
    const void* (*get_extension)(const struct sotto_instance* instance, const char* id);
} sotto_instance;

/* Extension "sotto.per-operation/1" of cost models. */
#define SOTTO_PER_OPERATION_EXTENSION "sotto.per-operation/1"
typedef struct sotto_per_operation {
    uint32_t struct_size;
    uint32_t reserved;
    /* [instance] Fills values[operation * metric_count + metric] for one candidate; they sum to the metrics of
     * evaluate_batch, where the metric is a sum. values has room for operation_count * metric_count doubles. */
    sotto_status (*evaluate)(struct sotto_instance* instance, const sotto_candidate* candidate, double* values,
                             const sotto_error_sink* error);
} sotto_per_operation;

/* ------------------------------------------------------- factory and entry */

/* Valid from init to deinit. */
typedef struct sotto_factory {
    uint32_t struct_size;
    uint32_t reserved;
    /* [any] Quick: no model file is read. */
    uint32_t (*count)(const struct sotto_factory* factory);
    const sotto_descriptor* (*descriptor)(const struct sotto_factory* factory, uint32_t index);
    /* [setup] Null on failure, the reason through error. Arguments live until the call returns. */
    sotto_instance* (*create)(const struct sotto_factory* factory, const sotto_host* host, const char* plugin_id,
                              const sotto_argument* arguments, uint32_t argument_count, const sotto_error_sink* error);
} sotto_factory;

typedef struct sotto_plugin_entry_v1 {
    uint32_t abi_version; /* SOTTO_PLUGIN_ABI_VERSION; read before any call */
    uint32_t struct_size;
    /* [setup] Counted: as many deinit as successful init. library_path is the file the library came from, null when
     * built in. */
    sotto_status (*init)(const char* library_path, const sotto_host* host, const sotto_error_sink* error);
    void (*deinit)(void);
    /* [any] SOTTO_..._FACTORY; null for an id the library does not offer. */
    const sotto_factory* (*get_factory)(const char* factory_id);
} sotto_plugin_entry_v1;

#ifndef SOTTO_PLUGIN_BUILT_IN
/* The one symbol a plug-in library exports. */
extern SOTTO_PLUGIN_EXPORT const sotto_plugin_entry_v1 sotto_plugin_entry;
#endif

#ifdef __cplusplus
}
#endif

#endif
