/* SPDX-License-Identifier: Apache-2.0
 *
 * The border between Sotto and its plug-ins: cost models and accuracy proxies. Version 1 of the ABI. Plain C11 (C17,
 * C++11 and later too), no dependency; 64-bit little-endian platforms. Guide: docs/plugin_authors.md; a C++ wrapper:
 * sotto/plugin.hpp.
 *
 * SHAPE. A shared library exports one data symbol, `sotto_plugin_entry`. The host reads its version from the file
 * before any code of the library runs, then: init -> get_factory(kind) -> descriptor -> create(plug-in id) -> instance
 * -> evaluate_batch ... -> destroy -> deinit. "Host" is the program, "plug-in" one cost model or proxy, "library" the
 * file that holds one or more.
 *
 * RULES FOR EVERY FUNCTION
 *  - Failure is a sotto_status other than SOTTO_OK, with a text through the error sink of that call. No exception,
 *    longjmp or signal leaves a function, in either direction.
 *  - Strings are UTF-8 (a plug-in's: at most 64 KiB) and end in NUL. Their maker, as that of memory, frees them.
 *  - What a descriptor or factory points to is constant and lives until the last deinit. What a call is given lives
 *    until that call returns, unless said otherwise. The host copies every text it keeps.
 *  - Pointers are not null unless said otherwise.
 *  - A plug-in leaves the process as it found it: locale, floating-point modes, signal handlers, working directory,
 *    open files, standard streams, environment, limits, timers. Text for people goes through sotto_host.log. Threads it
 *    starts end before destroy returns, and it says so (SOTTO_CAPABILITY_OWN_THREADS).
 *
 * VERSIONS. Version 1 grows at the end alone: a struct gets members after its last one, an enumeration gets values, an
 * extension gets an id. Nothing is moved, removed, renumbered or given another meaning; what could not be done so
 * would be version 2, which a host of version 1 refuses by name. Therefore:
 *  - Every struct that crosses starts with struct_size, the size its writer was compiled with. (sotto_shape and
 *    sotto_window are values within others and never change; the entry starts with the version.)
 *  - A reader uses no member beyond struct_size. Members of the first release of version 1 are always there; SOTTO_HAS
 *    tells for a later one. A missing member means 0 or null.
 *  - Structs in arrays stand a stride apart or are given as an array of pointers; never step with sizeof.
 *  - `reserved` members are 0 when written and not looked at when read.
 *  - A plug-in that meets an unknown layer, activation, operation or normalisation answers SOTTO_UNSUPPORTED. A host
 *    that meets an unknown status takes it as SOTTO_INTERNAL; unknown bits of capabilities and metric flags it ignores;
 *    every other unknown value in a descriptor it refuses, with the value in the text.
 *
 * THREADS. Each function bears one of these marks:
 *  [setup]    no two such calls on one library run at once, and none beside a call on the instance concerned;
 *  [evaluate] from any thread; what may run at once is said by the descriptor's thread_level;
 *  [any]      from any thread at any time.
 */
#ifndef SOTTO_PLUGIN_H
#define SOTTO_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SOTTO_PLUGIN_ABI_VERSION 1u

#if defined(__GNUC__)
#define SOTTO_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define SOTTO_PLUGIN_EXPORT
#endif

/* Kinds of plug-ins: ids for get_factory. */
#define SOTTO_COST_MODEL_FACTORY "sotto.cost-model/1"
#define SOTTO_ACCURACY_PROXY_FACTORY "sotto.accuracy-proxy/1"

/* Bytes of `type` up to the end of `member`. */
#define SOTTO_SIZE_UP_TO(type, member) (offsetof(type, member) + sizeof(((const type*)0)->member))
/* Whether `object`, a pointer to a struct of `type` from the other side, is long enough to hold `member`. */
#define SOTTO_HAS(type, object, member) ((object)->struct_size >= SOTTO_SIZE_UP_TO(type, member))

/* ------------------------------------------------------------------ status */

typedef int32_t sotto_status;
enum {
    SOTTO_OK = 0,
    /* An answer, not a failure: this candidate cannot be scored; the text says which layer or operation and why. */
    SOTTO_UNSUPPORTED = 1,
    SOTTO_INVALID_ARGUMENT = 2, /* parameters, candidate or state break the contract */
    SOTTO_OUT_OF_MEMORY = 3,
    SOTTO_INTERNAL = 4, /* any other failure of the plug-in */
    SOTTO_CANCELLED = 5 /* given up because sotto_host.is_cancelled says so */
};

/* Where a call puts its text. Made by the host, valid until the call that was given it returns. */
typedef struct sotto_error_sink {
    uint32_t struct_size;
    uint32_t reserved;
    void* host_data; /* the host's own */
    /* [any] The host copies the text. Called more than once, the last text counts. */
    void (*report)(const struct sotto_error_sink* sink, const char* text);
} sotto_error_sink;

/* --------------------------------------------------------------- candidates
 * Everything in this section is made by the host, constant, and valid until the call that was given it returns. */

/* What one image is at a point of the network; a flat vector of n values is {n, 1, 1}. All at least 1. */
typedef struct sotto_shape {
    int32_t channels;
    int32_t height;
    int32_t width;
} sotto_shape;

/* In elements. Output size is floor((input + pads - kernel) / stride) + 1. */
typedef struct sotto_window {
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t pad_top, pad_bottom, pad_left, pad_right;
} sotto_window;

/* sotto_layer.kind */
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
    SOTTO_LAYER_ADD = 10,     /* two or more operands of one shape, elementwise */
    SOTTO_LAYER_CONCAT = 11,  /* along channels */
    SOTTO_LAYER_FLATTEN = 12, /* to {elements, 1, 1} */
    SOTTO_LAYER_PAD = 13      /* with zeros, by the pads of the window */
};

/* sotto_layer.activation */
enum {
    SOTTO_ACTIVATION_NONE = 0, /* not an activation layer */
    SOTTO_ACTIVATION_RELU = 1,
    SOTTO_ACTIVATION_SQUARE = 2,
    SOTTO_ACTIVATION_IDENTITY = 3
};

/* One layer. Members its kind does not use are 0. */
typedef struct sotto_layer {
    uint32_t struct_size;
    int32_t kind;           /* SOTTO_LAYER_ */
    int32_t activation;     /* SOTTO_ACTIVATION_ */
    int32_t groups;         /* convolution: divides input and output channels */
    int32_t bias;           /* convolution, fully connected: 0 or 1 */
    uint32_t first_operand; /* operands are operand_layers[first_operand ... + operand_count) of the network */
    uint32_t operand_count; /* 0 for the input alone */
    sotto_shape output;
    sotto_window window; /* convolution, pools (global pools: the whole input), pad (its pads alone) */
} sotto_layer;

/* The network as it is trained, for one image. Layers stand in topological order: operands come before their user,
 * layer 0 is the input. */
typedef struct sotto_network {
    uint32_t struct_size;
    uint32_t layer_stride; /* bytes from one layer to the next: use sotto_layer_at */
    uint32_t layer_count;  /* at least 1 */
    uint32_t operand_count;
    uint32_t output_layer; /* index */
    uint32_t reserved;
    const sotto_layer* layers;
    const uint32_t* operand_layers; /* operand_count indices of layers; null where there is none */
} sotto_network;

/* sotto_operation.kind */
enum {
    SOTTO_OPERATION_CONVOLUTION = 1,
    SOTTO_OPERATION_RELU = 2,
    SOTTO_OPERATION_MAX_POOL = 3,
    SOTTO_OPERATION_AVERAGE_POOL = 4,
    SOTTO_OPERATION_BATCH_NORMALIZATION = 5,
    SOTTO_OPERATION_TRUNCATION = 6,
    SOTTO_OPERATION_FULLY_CONNECTED = 7,
    SOTTO_OPERATION_MULTIPLY = 8, /* elementwise product of two secret-shared tensors (square) */
    SOTTO_OPERATION_ARGMAX = 9
};

/* sotto_operation.normalization: how a batch normalisation runs; NONE for every other operation */
enum { SOTTO_NORMALIZATION_NONE = 0, SOTTO_NORMALIZATION_HOMOMORPHIC = 1, SOTTO_NORMALIZATION_ELEMENTWISE = 2 };

/* One protocol operation. Shapes are those before its own padding. Members its kind does not use are 0. */
typedef struct sotto_operation {
    uint32_t struct_size;
    int32_t kind;          /* SOTTO_OPERATION_ */
    int32_t normalization; /* SOTTO_NORMALIZATION_ */
    int32_t truncates;     /* relu: 1 where it rescales its result too, else 0 */
    uint32_t layer;        /* index of the layer of the network it comes from */
    uint32_t reserved;
    int64_t elements; /* of the output */
    sotto_shape input;
    sotto_shape output;
    sotto_window window; /* convolution, pools */
} sotto_operation;

/* What the secure engine executes for one image, in execution order. */
typedef struct sotto_program {
    uint32_t struct_size;
    uint32_t operation_stride; /* bytes from one operation to the next: use sotto_operation_at */
    uint32_t operation_count;  /* may be 0 */
    uint32_t reserved;
    const sotto_operation* operations; /* null where there is none */
} sotto_program;

/* What is scored. The views that the descriptor's `needs` asks for are there; another one may be null. */
typedef struct sotto_candidate {
    uint32_t struct_size;
    uint32_t reserved;
    uint64_t seed; /* for whatever is drawn at random: a function of the run's seed and the network alone */
    const sotto_network* network;
    const sotto_program* program;
} sotto_candidate;

/* Layer `index` < layer_count, operation `index` < operation_count, whatever the host's stride. [any] */
static inline const sotto_layer* sotto_layer_at(const sotto_network* network, uint32_t index) {
    return (const sotto_layer*)(const void*)((const unsigned char*)network->layers +
                                             (size_t)network->layer_stride * index);
}
static inline const sotto_operation* sotto_operation_at(const sotto_program* program, uint32_t index) {
    return (const sotto_operation*)(const void*)((const unsigned char*)program->operations +
                                                 (size_t)program->operation_stride * index);
}

/* ------------------------------------------------------------------ results */

/* One record per candidate. The record and what it points to are made by the host and valid until the call returns; the
 * plug-in writes `status` and through the pointers, and never the pointers themselves. */
typedef struct sotto_result {
    uint32_t struct_size;
    sotto_status status; /* out, always: of this candidate alone */
    /* Out, where status is SOTTO_OK: metric_count doubles in the order and units of the descriptor, every one written,
     * finite, and not negative where declared. Not looked at otherwise. */
    double* metrics;
    /* Null, but for sotto_per_operation.evaluate_batch: room for operation_count * metric_count doubles. */
    double* operation_values;
    /* Takes the reason where status is not SOTTO_OK. */
    const sotto_error_sink* error;
} sotto_result;

/* ------------------------------------------------------------- description
 * Made by the plug-in, constant, valid from init to the last deinit. */

/* sotto_metric.direction: which way is better */
enum { SOTTO_DIRECTION_NEUTRAL = 0, SOTTO_DIRECTION_MINIMIZE = 1, SOTTO_DIRECTION_MAXIMIZE = 2 };

/* sotto_metric.flags */
enum {
    SOTTO_METRIC_NON_NEGATIVE = 1u, /* a negative value is a fault of the plug-in */
    SOTTO_METRIC_SUM = 2u           /* the per-operation values of a candidate add up to it */
};

typedef struct sotto_metric {
    uint32_t struct_size;
    int32_t direction; /* SOTTO_DIRECTION_ */
    uint32_t flags;    /* SOTTO_METRIC_ bits */
    uint32_t reserved;
    /* `latency.client_ms`: lower case letters, digits, '_' and '.', from a letter to a letter or digit, at most 128
     * bytes; the unit in the name where it can be mistaken. */
    const char* name;
    const char* unit; /* "ms", "bytes"; "1" for a plain number */
    const char* description;
} sotto_metric;

/* sotto_parameter.type, and the text that a value has */
enum {
    SOTTO_PARAMETER_INTEGER = 1, /* decimal, of 64 bits */
    SOTTO_PARAMETER_NUMBER = 2,  /* decimal, '.' and exponent as strtod reads them in the C locale; finite */
    SOTTO_PARAMETER_TEXT = 3,
    SOTTO_PARAMETER_BOOLEAN = 4 /* "true" or "false" */
};

/* sotto_parameter.flags */
enum { SOTTO_PARAMETER_REQUIRED = 1u /* the configuration must name it: no default */ };

typedef struct sotto_parameter {
    uint32_t struct_size;
    int32_t type;   /* SOTTO_PARAMETER_ */
    uint32_t flags; /* SOTTO_PARAMETER_REQUIRED */
    uint32_t reserved;
    double least, most; /* integers and numbers: the range, inclusive */
    const char* name;   /* lower case letters, digits, '_' and '-', as names of metrics */
    const char* help;
    const char* default_value;  /* as text, within the range and choices; null where required */
    const char* const* choices; /* text: the values that are allowed, with a null at the end; null: any */
} sotto_parameter;

/* sotto_descriptor.needs */
enum { SOTTO_NEEDS_NETWORK = 1u, SOTTO_NEEDS_PROGRAM = 2u };

/* sotto_descriptor.capabilities */
enum {
    /* Results are a function of candidate, its seed, parameters and state: to the last bit the same in every call,
     * order, batch and thread. The host then remembers them. */
    SOTTO_CAPABILITY_DETERMINISTIC = 1u,
    /* Instances start threads of their own, which end before destroy returns. */
    SOTTO_CAPABILITY_OWN_THREADS = 2u
};

/* sotto_descriptor.thread_level: which [evaluate] calls may run at once. Each level allows what those before it do;
 * calls that may not run at once may still come from different threads. */
enum {
    SOTTO_THREADS_NONE = 0,     /* one call in the whole library at a time */
    SOTTO_THREADS_INSTANCE = 1, /* calls on distinct instances; one at a time on each */
    SOTTO_THREADS_SHARED = 2    /* any calls */
};

/* One plug-in. */
typedef struct sotto_descriptor {
    uint32_t struct_size;
    uint32_t needs;        /* SOTTO_NEEDS_ bits, at least one */
    uint32_t capabilities; /* SOTTO_CAPABILITY_ bits */
    int32_t thread_level;  /* SOTTO_THREADS_ */
    /* What configurations call it: lower case letters, digits, '-', from a letter to a letter or digit, at most 128
     * bytes. No two plug-ins of one kind in a program have the same. */
    const char* id;
    const char* version; /* of the plug-in, free text: part of what identifies a result */
    const char* description;
    uint32_t metric_count; /* 1 to 1024 */
    uint32_t metric_stride;
    const sotto_metric* metrics;
    uint32_t parameter_count; /* 0 to 1024 */
    uint32_t parameter_stride;
    const sotto_parameter* parameters; /* may be null where there is none */
    /* Kinds that can be scored, for people and for checks. Null: not declared. The plug-in answers SOTTO_UNSUPPORTED
     * for a kind that is not in the list, and may for one that is. */
    const int32_t* operation_kinds; /* SOTTO_OPERATION_ */
    const int32_t* layer_kinds;     /* SOTTO_LAYER_ */
    uint32_t operation_kind_count;
    uint32_t layer_kind_count;
    double typical_cost_us;   /* of one candidate, in microseconds, roughly; 0 or more: stages run cheapest first */
    uint32_t preferred_batch; /* candidates a call at which it works best; 0: no matter. Any count must work. */
    uint32_t reserved;
} sotto_descriptor;

/* ------------------------------------------------------------ host services */

/* level of sotto_host.log */
enum { SOTTO_LOG_DEBUG = 0, SOTTO_LOG_INFO = 1, SOTTO_LOG_WARNING = 2 };

/* Made by the host. The one given to init is valid until the matching deinit, the one given to create until the
 * instance's destroy returns; they may be one or two objects. */
typedef struct sotto_host {
    uint32_t struct_size;
    uint32_t reserved;
    void* host_data;  /* the host's own */
    const char* name; /* program and version, for logs: "nas-run 1.0.0" */
    /* [any] Text for people, one line without its end. level: SOTTO_LOG_. The host copies the text. Not for the reason
     * of a failure: that goes through the error sink. */
    void (*log)(const struct sotto_host* host, int32_t level, const char* text);
    /* [any] Not 0 once the run is being stopped. Cheap: a plug-in asks at least every 100 ms of work, and returns
     * SOTTO_CANCELLED soon after. */
    int32_t (*is_cancelled)(const struct sotto_host* host);
    /* [any], within a call on an instance. Runs body(data, i) once for every i below count, on threads of the host and
     * in any order, and returns SOTTO_OK when all have ended. Another status means that none ran: the host refuses, and
     * the plug-in runs its loop itself. The plug-in sees to it that the bodies may run at once, whatever its thread
     * level, and that results do not depend on the order. A body neither throws nor calls parallel_for. */
    sotto_status (*parallel_for)(const struct sotto_host* host, uint32_t count,
                                 void (*body)(void* data, uint32_t index), void* data);
    /* [any] Further services by id; null for one the host does not have. Valid as long as the host struct. */
    const void* (*get_extension)(const struct sotto_host* host, const char* id);
} sotto_host;

/* ----------------------------------------------------------------- instance */

/* A parameter as configured. Made by the host. */
typedef struct sotto_argument {
    uint32_t struct_size;
    uint32_t reserved;
    const char* name;
    const char* value; /* as text, in the form of the parameter's type, within its range and choices */
} sotto_argument;

struct sotto_instance;

/* Scores *candidates[0 ... count) into *results[0 ... count), count at least 1. Returns SOTTO_OK where every record was
 * filled, whatever their statuses; any other status is a failure of the whole call, with its reason in `error`, and no
 * record counts: the host may then try the candidates one by one. */
typedef sotto_status (*sotto_evaluate_batch)(struct sotto_instance* instance, const sotto_candidate* const* candidates,
                                             sotto_result* const* results, uint32_t count,
                                             const sotto_error_sink* error);

/* Made by create, freed by its own destroy. */
typedef struct sotto_instance {
    uint32_t struct_size;
    uint32_t reserved;
    void* plugin_data; /* the plug-in's own */
    /* [setup] Frees everything of the instance, this struct included. Does not fail. */
    void (*destroy)(struct sotto_instance* instance);
    /* [evaluate] */
    sotto_evaluate_batch evaluate_batch;
    /* [any] An optional extension by id (SOTTO_..._EXTENSION): null where there is none. Quick, always the same answer,
     * valid until destroy. The member may be null: no extension. */
    const void* (*get_extension)(const struct sotto_instance* instance, const char* id);
} sotto_instance;

/* ------------------------------------------------------- factory and entry */

/* The plug-ins of one kind in a library. Made by the plug-in, constant, valid from init to the last deinit. */
typedef struct sotto_factory {
    uint32_t struct_size;
    uint32_t reserved;
    /* [any] How many plug-ins, 0 to 1024. Quick, always the same, as is descriptor: no model file is read. */
    uint32_t (*count)(const struct sotto_factory* factory);
    /* [any] The plug-in `index`; null where index is not below count. */
    const sotto_descriptor* (*descriptor)(const struct sotto_factory* factory, uint32_t index);
    /* [setup] Makes an instance of the plug-in whose descriptor has exactly this id, and puts it into *instance. There
     * is an argument for every declared parameter, in declaration order, defaults filled in and checked by the host.
     * Arguments live until the call returns, host until the instance's destroy has returned. On failure *instance stays
     * as it is; an unknown id, and arguments that make no sense together, are SOTTO_INVALID_ARGUMENT. */
    sotto_status (*create)(const struct sotto_factory* factory, const sotto_host* host, const char* plugin_id,
                           const sotto_argument* const* arguments, uint32_t argument_count, sotto_instance** instance,
                           const sotto_error_sink* error);
} sotto_factory;

/* A constant of the library, with nothing to be filled in when it is loaded: the first two members are read from the
 * file before the library is. */
typedef struct sotto_plugin_entry_v1 {
    uint32_t abi_version; /* SOTTO_PLUGIN_ABI_VERSION */
    uint32_t struct_size;
    /* [setup] Called before anything else, once for each program part that uses the library: it counts, and there are
     * as many deinit as init that returned SOTTO_OK. Only the first has work to do. library_path: the absolute path of
     * the file the library came from, to find model files beside it; null where it is linked into the program; valid
     * until the call returns. Quick: model files are read in create. */
    sotto_status (*init)(const char* library_path, const sotto_host* host, const sotto_error_sink* error);
    /* [setup] No instance is left and no call runs. Does not fail. */
    void (*deinit)(void);
    /* [any] The factory of SOTTO_..._FACTORY; null for an id the library does not offer. Quick, always the same. */
    const sotto_factory* (*get_factory)(const char* factory_id);
} sotto_plugin_entry_v1;

/* A plug-in that is linked into a program is compiled with SOTTO_PLUGIN_BUILT_IN set to a name of its own, which its
 * entry then has. */
#ifdef SOTTO_PLUGIN_BUILT_IN
#define sotto_plugin_entry SOTTO_PLUGIN_BUILT_IN
#endif
/* The one symbol a plug-in library exports. */
extern SOTTO_PLUGIN_EXPORT const sotto_plugin_entry_v1 sotto_plugin_entry;

/* --------------------------------------------------------------- extensions
 * Each is a struct that get_extension of an instance returns: made by the plug-in, constant, valid until destroy, every
 * function there. Functions follow the rules of evaluate_batch: statuses, records, lifetimes, cancellation. */

/* What each operation adds to the metrics of a candidate. For plug-ins that need the program. */
#define SOTTO_PER_OPERATION_EXTENSION "sotto.per-operation/1"
typedef struct sotto_per_operation {
    uint32_t struct_size;
    uint32_t reserved;
    /* [evaluate] As sotto_instance.evaluate_batch, with the same metrics; besides, where a record is SOTTO_OK,
     * operation_values[operation * metric_count + metric] is written for every operation and metric, in the metric's
     * unit and as finite and non-negative as it. Where a metric has SOTTO_METRIC_SUM they add up to it, but for
     * rounding (a relative 1e-9). Where it has not, their meaning is the plug-in's, 0 where there is none. */
    sotto_evaluate_batch evaluate_batch;
} sotto_per_operation;

/* How far off a metric may be. */
#define SOTTO_UNCERTAINTY_EXTENSION "sotto.uncertainty/1"
typedef struct sotto_uncertainty {
    uint32_t struct_size;
    uint32_t reserved;
    /* [evaluate] As sotto_instance.evaluate_batch, but metrics takes one standard deviation of the error of each
     * metric, in its unit: finite, not negative, 0 where the value is exact. */
    sotto_evaluate_batch evaluate_batch;
} sotto_uncertainty;

/* sotto_measurement.operation: the value is of the whole program */
#define SOTTO_WHOLE_PROGRAM UINT32_MAX

/* One measured value. Made by the host. */
typedef struct sotto_measurement {
    uint32_t struct_size;
    uint32_t metric;    /* index into the descriptor's metrics */
    uint32_t operation; /* index into the candidate's program, or SOTTO_WHOLE_PROGRAM */
    uint32_t reserved;
    double value;                     /* finite, in the metric's unit */
    double standard_deviation;        /* of the value, in the same unit, finite; 0: not known */
    const sotto_candidate* candidate; /* what was measured */
} sotto_measurement;

/* Fitting the instance to measurements of another machine or network. Each function: [setup], alone on the instance,
 * whatever its thread level. What was fitted is the instance's state: results depend on it from then on. */
#define SOTTO_CALIBRATE_EXTENSION "sotto.calibrate/1"
typedef struct sotto_calibrate {
    uint32_t struct_size;
    uint32_t reserved;
    /* Fits to *measurements[0 ... count), replacing what was fitted before. The same measurements in the same order
     * give the same state. Too few, or a metric or operation that cannot be fitted: SOTTO_INVALID_ARGUMENT. On failure
     * and on cancellation the state stays as it was. */
    sotto_status (*fit)(struct sotto_instance* instance, const sotto_measurement* const* measurements, uint32_t count,
                        const sotto_error_sink* error);
    /* Puts the number of bytes of the state into *size and, where capacity is at least that, the state into bytes,
     * which may be null where capacity is 0. A capacity too small is no failure: the caller sees it from *size. The
     * bytes are the plug-in's own form, and say of which plug-in and version they are. */
    sotto_status (*save)(struct sotto_instance* instance, void* bytes, uint64_t capacity, uint64_t* size,
                         const sotto_error_sink* error);
    /* Takes on a state that save gave, in another process perhaps: results are then those of the instance that saved
     * it, to the last bit. Bytes that no save gave (empty, cut short, changed, another plug-in's) are
     * SOTTO_INVALID_ARGUMENT and leave the state as it was; they never crash it. */
    sotto_status (*load)(struct sotto_instance* instance, const void* bytes, uint64_t size,
                         const sotto_error_sink* error);
} sotto_calibrate;

/* What a plug-in remembers of one candidate: opaque, made and freed by the plug-in. */
typedef struct sotto_incremental_state sotto_incremental_state;

/* A candidate that begins as another one did. Made by the host, valid until the call returns. */
typedef struct sotto_prefix {
    uint32_t struct_size;
    uint32_t reserved;
    const sotto_incremental_state* parent; /* kept by this instance and not yet released */
    /* The first `operations` operations and the first `layers` layers (operands included) are the parent's in every
     * member, but for sotto_operation.layer. 0 where that view is not needed. Never more than either has. */
    uint32_t operations;
    uint32_t layers;
} sotto_prefix;

/* Scoring a child that shares a prefix with its parent without repeating the work. */
#define SOTTO_INCREMENTAL_EXTENSION "sotto.incremental/1"
typedef struct sotto_incremental {
    uint32_t struct_size;
    uint32_t reserved;
    /* [evaluate] Scores one candidate as evaluate_batch does, with the same metrics to the last bit. prefix: null where
     * there is no parent. kept: null where the host wants no state, else *kept takes a new state of this candidate
     * where result->status is SOTTO_OK, and null otherwise; the host releases it. The seeds of parent and child may
     * differ. At SOTTO_THREADS_SHARED one parent may serve several calls at once. Returns as evaluate_batch does. */
    sotto_status (*evaluate)(struct sotto_instance* instance, const sotto_prefix* prefix,
                             const sotto_candidate* candidate, sotto_result* result, sotto_incremental_state** kept,
                             const sotto_error_sink* error);
    /* [evaluate] Frees a state; no call uses it any more. Before destroy every state is released; a state does not
     * outlive fit or load of sotto_calibrate either. Does not fail; null is not passed. */
    void (*release)(struct sotto_instance* instance, sotto_incremental_state* state);
} sotto_incremental;

#ifdef __cplusplus
}
#endif

#endif
