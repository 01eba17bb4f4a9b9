// SPDX-License-Identifier: Apache-2.0
//
// Plug-ins in C++17: sotto/plugin.h with classes, and nothing else. A cost model or accuracy proxy is one class:
//
//     class Linear final : public sotto::sdk::AdditiveCostModel {
//       public:
//         static sotto::sdk::Declaration declare();           // id, metrics, parameters: in one place
//         Linear(const sotto::sdk::Arguments& arguments, const sotto::sdk::Host& host);
//         void price(const sotto_operation& operation, sotto::sdk::Values metrics) override;
//     };
//     SOTTO_PLUGIN(Linear)                                    // in one source file; several classes: commas
//
// What a class throws becomes a status and its text: Unsupported, InvalidArgument, Cancelled, std::bad_alloc, and any
// other exception as an internal failure. Extensions of the C header are methods: what a class overrides is offered.
// Methods that are overridden must be public. Units, lifetimes and thread rules are those of sotto/plugin.h.
//
// One file, so that it can be copied beside sotto/plugin.h.
//
// SOTTO_PLUGIN_CHECKING, set before the first inclusion, says how much is checked at the border, on either side; what
// is found becomes a failure that says whether the host or the plug-in broke the contract:
//   0  nothing;
//   1  arguments are those that are declared, the views that are needed are there, results are finite and not negative
//      where declared (the default);
//   2  besides, every view is consistent, every value is written, indices are in range, and calls keep to the thread
//      level.
#ifndef SOTTO_PLUGIN_HPP
#define SOTTO_PLUGIN_HPP

#if !defined(__cplusplus) || __cplusplus < 201703L
#error "sotto/plugin.hpp needs C++17"
#endif

#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <exception>
#include <limits>
#include <locale>
#include <memory>
#include <mutex>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sotto/plugin.h"

#ifndef SOTTO_PLUGIN_CHECKING
#define SOTTO_PLUGIN_CHECKING 1
#endif
static_assert(SOTTO_PLUGIN_ABI_VERSION == 1u, "this wrapper is for version 1 of the ABI");
static_assert(SOTTO_PLUGIN_CHECKING >= 0 && SOTTO_PLUGIN_CHECKING <= 2, "SOTTO_PLUGIN_CHECKING is 0, 1 or 2");

#define SOTTO_SDK_JOIN_2(left, right) left##right
#define SOTTO_SDK_JOIN(left, right) SOTTO_SDK_JOIN_2(left, right)
#define SOTTO_SDK_NAMESPACE SOTTO_SDK_JOIN(checking_, SOTTO_PLUGIN_CHECKING)

namespace sotto {
namespace sdk {
// Plug-ins of different checking levels may be linked into one program.
inline namespace SOTTO_SDK_NAMESPACE {

constexpr bool checks_results = SOTTO_PLUGIN_CHECKING >= 1;
constexpr bool checks_everything = SOTTO_PLUGIN_CHECKING >= 2;

// ------------------------------------------------------------------ failures

/// A failure with its status. Its text reaches the person who runs the search.
class Error : public std::runtime_error {
  public:
    Error(sotto_status status, const std::string& text) : std::runtime_error(text), status_(status) {}
    sotto_status status() const noexcept { return status_; }

  private:
    sotto_status status_;
};

/// This candidate cannot be scored: an answer, which never ends a search.
class Unsupported : public Error {
  public:
    explicit Unsupported(const std::string& text) : Error(SOTTO_UNSUPPORTED, text) {}
};

/// Parameters that make no sense, a state that no save_state gave.
class InvalidArgument : public Error {
  public:
    explicit InvalidArgument(const std::string& text) : Error(SOTTO_INVALID_ARGUMENT, text) {}
};

/// Given up since the run is being stopped.
class Cancelled : public Error {
  public:
    Cancelled() : Error(SOTTO_CANCELLED, "cancelled") {}
};

namespace detail {

[[noreturn]] inline void host_fault(const std::string& what) {
    throw Error(SOTTO_INVALID_ARGUMENT, "the host broke the contract: " + what);
}

[[noreturn]] inline void plugin_fault(const std::string& what) {
    throw Error(SOTTO_INTERNAL, "the plug-in broke the contract: " + what);
}

inline void report(const sotto_error_sink* sink, const char* text) noexcept {
    if (sink != nullptr && sink->report != nullptr) {
        sink->report(sink, text);
    }
}

/// Runs `call`; what it throws becomes the status, and its text goes to `sink`.
template <typename Call>
sotto_status guarded(const sotto_error_sink* sink, Call&& call) noexcept {
    try {
        std::forward<Call>(call)();
        return SOTTO_OK;
    } catch (const Error& error) {
        report(sink, error.what());
        return error.status();
    } catch (const std::bad_alloc&) {
        report(sink, "out of memory");
        return SOTTO_OUT_OF_MEMORY;
    } catch (const std::exception& error) {
        report(sink, error.what());
        return SOTTO_INTERNAL;
    } catch (...) {
        report(sink, "an exception of unknown type");
        return SOTTO_INTERNAL;
    }
}

// Numbers as text and back, whatever the locale of the process.
inline std::string number_text(double value) {
    for (int digits = 6;; ++digits) {
        std::ostringstream stream;
        stream.imbue(std::locale::classic());
        stream.precision(digits);
        stream << value;
        std::istringstream back(stream.str());
        back.imbue(std::locale::classic());
        double read = 0;
        if (digits >= std::numeric_limits<double>::max_digits10 || (back >> read && read == value)) {
            return stream.str();
        }
    }
}

template <typename Number>
Number parsed(const std::string& name, const std::string& text) {
    std::istringstream stream(text);
    stream.imbue(std::locale::classic());
    Number value{};
    if (!(stream >> value) || stream.peek() != std::istringstream::traits_type::eof()) {
        host_fault("parameter '" + name + "' is '" + text + "', which is no number");
    }
    return value;
}

}  // namespace detail

// ------------------------------------------------------------------ declaration

struct Metric {
    std::string name;         ///< "latency.total_ms"
    std::string unit;         ///< "ms"; "1" for a plain number
    std::string description;  ///< for people
    std::int32_t direction = SOTTO_DIRECTION_MINIMIZE;
    std::uint32_t flags = SOTTO_METRIC_NON_NEGATIVE;  ///< SOTTO_METRIC_ bits
};

/// A parameter of the configuration. Made by the functions below; required() takes the default away.
struct Parameter {
    std::string name;
    std::string help;
    std::int32_t type = SOTTO_PARAMETER_TEXT;
    bool is_required = false;
    double least = 0;
    double most = 0;
    std::string default_value;
    std::vector<std::string> choices;

    static Parameter number(std::string name, std::string help, double default_value, double least, double most) {
        return {std::move(name),
                std::move(help),
                SOTTO_PARAMETER_NUMBER,
                false,
                least,
                most,
                detail::number_text(default_value),
                {}};
    }
    static Parameter integer(std::string name, std::string help, std::int64_t default_value, std::int64_t least,
                             std::int64_t most) {
        return {std::move(name),
                std::move(help),
                SOTTO_PARAMETER_INTEGER,
                false,
                static_cast<double>(least),
                static_cast<double>(most),
                std::to_string(default_value),
                {}};
    }
    static Parameter boolean(std::string name, std::string help, bool default_value) {
        return {std::move(name),
                std::move(help),
                SOTTO_PARAMETER_BOOLEAN,
                false,
                0,
                0,
                default_value ? "true" : "false",
                {}};
    }
    static Parameter text(std::string name, std::string help, std::string default_value,
                          std::vector<std::string> choices = {}) {
        return {std::move(name),          std::move(help),   SOTTO_PARAMETER_TEXT, false, 0, 0,
                std::move(default_value), std::move(choices)};
    }
    Parameter required() && {
        is_required = true;
        return std::move(*this);
    }
};

/// What a class declares of itself: see sotto_descriptor.
struct Declaration {
    std::string id;  ///< "my-model"
    std::string version;
    std::string description;
    std::vector<Metric> metrics;
    std::vector<Parameter> parameters = {};
    std::uint32_t needs = 0;  ///< SOTTO_NEEDS_ bits; 0: a cost model needs the program, a proxy the network
    std::int32_t thread_level = SOTTO_THREADS_INSTANCE;
    bool is_deterministic = true;
    bool has_own_threads = false;
    double typical_cost_us = 1;
    std::uint32_t preferred_batch = 0;
    /// Where declared, a candidate with another kind is unsupported, and no method is asked for it. Where empty, each
    /// method throws Unsupported for what it does not know: a later host has kinds that are not in this header.
    std::vector<std::int32_t> operation_kinds = {};
    std::vector<std::int32_t> layer_kinds = {};
};

/// The parameters as configured, each by its declared name and type.
class Arguments {
  public:
    Arguments(const sotto_argument* const* arguments, std::uint32_t count) {
        for (std::uint32_t i = 0; i < count; ++i) {
            values_.emplace_back(arguments[i]->name, arguments[i]->value);
        }
    }

    double number(std::string_view name) const { return detail::parsed<double>(std::string(name), text(name)); }
    std::int64_t integer(std::string_view name) const {
        return detail::parsed<std::int64_t>(std::string(name), text(name));
    }
    bool boolean(std::string_view name) const { return text(name) == "true"; }
    const std::string& text(std::string_view name) const {
        for (const auto& [known, value] : values_) {
            if (known == name) {
                return value;
            }
        }
        detail::plugin_fault("it reads parameter '" + std::string(name) + "', which it does not declare");
    }

  private:
    std::vector<std::pair<std::string, std::string>> values_;
};

// ------------------------------------------------------------------ host

/// What the host offers. Cheap to copy; valid until the model's destructor has run. Any thread.
class Host {
  public:
    explicit Host(const sotto_host* host) : host_(host) {}

    void log(std::int32_t level, const std::string& text) const { host_->log(host_, level, text.c_str()); }
    bool is_cancelled() const { return host_->is_cancelled(host_) != 0; }
    /// Throws Cancelled once the run is being stopped.
    void stop_if_cancelled() const {
        if (is_cancelled()) {
            throw Cancelled();
        }
    }

    /// Runs body(i) for every i below count, on threads of the host where it has some to spare, else one after the
    /// other here. The first exception of a body is thrown again when all have ended.
    template <typename Body>
    void parallel_for(std::uint32_t count, Body&& body) const {
        using Function = std::remove_reference_t<Body>;
        struct Shared {
            Function* body;
            std::mutex mutex;
            std::exception_ptr failure;
        } shared{&body, {}, {}};
        const auto run = [](void* data, std::uint32_t index) {
            auto& all = *static_cast<Shared*>(data);
            try {
                (*all.body)(index);
            } catch (...) {
                const std::lock_guard<std::mutex> lock(all.mutex);
                if (!all.failure) {
                    all.failure = std::current_exception();
                }
            }
        };
        if (host_->parallel_for(host_, count, run, &shared) != SOTTO_OK) {
            for (std::uint32_t i = 0; i < count; ++i) {
                run(&shared, i);
            }
        }
        if (shared.failure) {
            std::rethrow_exception(shared.failure);
        }
    }

    /// A further service by id, null where the host does not have it.
    const void* extension(const char* id) const { return host_->get_extension(host_, id); }

  private:
    const sotto_host* host_;
};

// ------------------------------------------------------------------ candidates and results

/// Structs of the host, a stride apart: for (const sotto_operation& operation : candidate.operations()).
template <typename Element>
class Strided {
  public:
    Strided(const Element* first, std::uint32_t stride, std::uint32_t count)
        : first_(reinterpret_cast<const unsigned char*>(first)), stride_(stride), count_(count) {}

    class Iterator {
      public:
        Iterator(const unsigned char* at, std::size_t stride) : at_(at), stride_(stride) {}
        const Element& operator*() const { return *reinterpret_cast<const Element*>(at_); }
        Iterator& operator++() {
            at_ += stride_;
            return *this;
        }
        bool operator!=(const Iterator& other) const { return at_ != other.at_; }

      private:
        const unsigned char* at_;
        std::size_t stride_;
    };

    std::uint32_t size() const noexcept { return count_; }
    const Element& operator[](std::uint32_t index) const {
        if (checks_everything && index >= count_) {
            detail::plugin_fault("it reads element " + std::to_string(index) + " of " + std::to_string(count_));
        }
        return *reinterpret_cast<const Element*>(first_ + std::size_t{stride_} * index);
    }
    Iterator begin() const { return {first_, stride_}; }
    Iterator end() const { return {first_ + std::size_t{stride_} * count_, stride_}; }

  private:
    const unsigned char* first_;
    std::uint32_t stride_;
    std::uint32_t count_;
};

using Operations = Strided<sotto_operation>;
using Layers = Strided<sotto_layer>;
using Operands = Strided<std::uint32_t>;

/// One candidate. Valid during the call that was given it.
class Candidate {
  public:
    explicit Candidate(const sotto_candidate& candidate) : candidate_(&candidate) {}

    std::uint64_t seed() const noexcept { return candidate_->seed; }
    /// Only where Declaration::needs has SOTTO_NEEDS_PROGRAM, SOTTO_NEEDS_NETWORK.
    const sotto_program& program() const { return *candidate_->program; }
    const sotto_network& network() const { return *candidate_->network; }
    Operations operations() const {
        return {program().operations, program().operation_stride, program().operation_count};
    }
    Layers layers() const { return {network().layers, network().layer_stride, network().layer_count}; }
    /// Indices of the layers that `layer` reads.
    Operands operands(const sotto_layer& layer) const {
        const std::uint32_t* const all = network().operand_layers;
        return {all == nullptr ? nullptr : all + layer.first_operand, sizeof(std::uint32_t), layer.operand_count};
    }
    const sotto_candidate& flat() const noexcept { return *candidate_; }

  private:
    const sotto_candidate* candidate_;
};

/// One double per metric, to be written in declared order.
class Values {
  public:
    Values(double* values, std::size_t count) : values_(values), count_(count) {}

    std::size_t size() const noexcept { return count_; }
    double& operator[](std::size_t index) const {
        if (checks_everything && index >= count_) {
            detail::plugin_fault("it writes value " + std::to_string(index) + " of " + std::to_string(count_));
        }
        return values_[index];
    }
    double* begin() const noexcept { return values_; }
    double* end() const noexcept { return values_ + count_; }

  private:
    double* values_;
    std::size_t count_;
};

/// One row of Values per operation.
class OperationValues {
  public:
    OperationValues(double* values, std::size_t metric_count) : values_(values), metric_count_(metric_count) {}
    Values operator[](std::uint32_t operation) const { return {values_ + operation * metric_count_, metric_count_}; }

  private:
    double* values_;
    std::size_t metric_count_;
};

namespace detail {

/// What tables call the operations of a kind; null for a number that this header does not know.
inline const char* operation_kind_name(std::int32_t kind) {
    static const char* const names[] = {"conv", "relu", "maxpool", "avgpool", "bn", "trunc", "fc", "mul", "argmax"};
    return kind >= SOTTO_OPERATION_CONVOLUTION && kind <= SOTTO_OPERATION_ARGMAX ? names[kind - 1] : nullptr;
}

/// Kinds that a descriptor lists: a bit for each below 64, which all of this header are.
class KindSet {
  public:
    KindSet(const std::int32_t* kinds, std::uint32_t count) : kinds_(kinds), count_(count) {
        for (std::uint32_t i = 0; i < count; ++i) {
            bits_ |= is_small(kinds[i]) ? std::uint64_t{1} << kinds[i] : 0;
        }
    }
    /// `name`: of the kind, or null.
    void require(const char* what, std::uint32_t index, std::int32_t kind, const char* name) const {
        bool is_listed = is_small(kind) && (bits_ >> kind & 1) != 0;
        for (std::uint32_t i = 0; !is_listed && !is_small(kind) && i < count_; ++i) {
            is_listed = kinds_[i] == kind;
        }
        if (!is_listed) {
            const std::string which =
                name != nullptr ? std::string(" (") + name + ")" : ": kind " + std::to_string(kind);
            throw Unsupported(what + std::to_string(index) + which + " is not one that this plug-in scores");
        }
    }

  private:
    static bool is_small(std::int32_t kind) { return kind >= 0 && kind < 64; }

    const std::int32_t* kinds_;
    std::uint32_t count_;
    std::uint64_t bits_ = 0;
};

struct Checks {
    const sotto_descriptor* descriptor;

    void check_program(const sotto_program& program) const {
        if (program.operation_count > 0 &&
            (program.operations == nullptr || program.operation_stride < SOTTO_SIZE_UP_TO(sotto_operation, window))) {
            host_fault("the program has no operations, or a wrong stride");
        }
        for (std::uint32_t i = 0; i < program.operation_count; ++i) {
            const sotto_operation& operation = *sotto_operation_at(&program, i);
            if (operation.struct_size < SOTTO_SIZE_UP_TO(sotto_operation, window) || operation.elements < 1) {
                host_fault("operation " + std::to_string(i) + " is too short or empty");
            }
        }
    }

    void check_network(const sotto_network& network) const {
        if (network.layer_count == 0 || network.layers == nullptr ||
            network.layer_stride < SOTTO_SIZE_UP_TO(sotto_layer, window) ||
            network.output_layer >= network.layer_count) {
            host_fault("the network has no layers, a wrong stride or a wrong output");
        }
        for (std::uint32_t i = 0; i < network.layer_count; ++i) {
            const sotto_layer& layer = *sotto_layer_at(&network, i);
            if (layer.struct_size < SOTTO_SIZE_UP_TO(sotto_layer, window) || layer.output.channels < 1 ||
                layer.output.height < 1 || layer.output.width < 1 || layer.first_operand > network.operand_count ||
                layer.operand_count > network.operand_count - layer.first_operand) {
                host_fault("layer " + std::to_string(i) + " is too short, empty or without its operands");
            }
            for (std::uint32_t operand = 0; operand < layer.operand_count; ++operand) {
                if (network.operand_layers[layer.first_operand + operand] >= i) {
                    host_fault("layer " + std::to_string(i) + " reads a layer that does not stand before it");
                }
            }
        }
    }

    void check_candidate(const sotto_candidate* candidate) const {
        if (candidate == nullptr) {
            host_fault("a candidate is null");
        }
        if (((descriptor->needs & SOTTO_NEEDS_PROGRAM) != 0 && candidate->program == nullptr) ||
            ((descriptor->needs & SOTTO_NEEDS_NETWORK) != 0 && candidate->network == nullptr)) {
            host_fault("the candidate lacks a view that the descriptor asks for");
        }
        if (checks_everything) {
            if (candidate->program != nullptr) {
                check_program(*candidate->program);
            }
            if (candidate->network != nullptr) {
                check_network(*candidate->network);
            }
        }
    }

    /// Throws Unsupported for an operation or layer of a kind that is not declared.
    void require_declared(const sotto_candidate& candidate) const {
        if (descriptor->operation_kind_count > 0 && candidate.program != nullptr) {
            const KindSet kinds(descriptor->operation_kinds, descriptor->operation_kind_count);
            for (std::uint32_t i = 0; i < candidate.program->operation_count; ++i) {
                const std::int32_t kind = sotto_operation_at(candidate.program, i)->kind;
                kinds.require("operation ", i, kind, operation_kind_name(kind));
            }
        }
        if (descriptor->layer_kind_count > 0 && candidate.network != nullptr) {
            const KindSet kinds(descriptor->layer_kinds, descriptor->layer_kind_count);
            for (std::uint32_t i = 0; i < candidate.network->layer_count; ++i) {
                kinds.require("layer ", i, sotto_layer_at(candidate.network, i)->kind, nullptr);
            }
        }
    }

    void check_values(const double* values, std::size_t rows) const {
        for (std::size_t i = 0; i < rows * descriptor->metric_count; ++i) {
            const sotto_metric& metric = descriptor->metrics[i % descriptor->metric_count];
            if (!std::isfinite(values[i])) {
                plugin_fault("metric '" + std::string(metric.name) + "' is " +
                             (checks_everything ? "not written or not finite" : "not finite"));
            }
            if ((metric.flags & SOTTO_METRIC_NON_NEGATIVE) != 0 && values[i] < 0) {
                plugin_fault("metric '" + std::string(metric.name) + "' is negative");
            }
        }
    }

    void make_unwritten(double* values, std::size_t rows) const {
        for (std::size_t i = 0; checks_everything && i < rows * descriptor->metric_count; ++i) {
            values[i] = std::numeric_limits<double>::quiet_NaN();
        }
    }
};

}  // namespace detail

/// Candidates with the records that take their results.
class Batch {
  public:
    Batch(const detail::Checks& checks, const sotto_candidate* const* candidates, sotto_result* const* results,
          std::uint32_t count)
        : checks_(checks), candidates_(candidates), results_(results), count_(count) {}

    std::uint32_t size() const noexcept { return count_; }
    Candidate candidate(std::uint32_t index) const { return Candidate(*candidates_[index]); }

    /// Fills record `index` with what score(candidate, values) writes or throws. Every record exactly once.
    template <typename Score>
    void score(std::uint32_t index, Score&& score) const {
        sotto_result& result = *results_[index];
        result.status = detail::guarded(result.error, [&] {
            if (checks_results) {
                checks_.check_candidate(candidates_[index]);
            }
            checks_.require_declared(*candidates_[index]);
            checks_.make_unwritten(result.metrics, 1);
            score(candidate(index), Values(result.metrics, checks_.descriptor->metric_count));
            if (checks_results) {
                checks_.check_values(result.metrics, 1);
            }
        });
    }

  private:
    const detail::Checks& checks_;
    const sotto_candidate* const* candidates_;
    sotto_result* const* results_;
    std::uint32_t count_;
};

/// A measured value: see sotto_measurement.
struct Measurement {
    Candidate candidate;
    std::uint32_t metric;
    std::uint32_t operation;  ///< SOTTO_WHOLE_PROGRAM: of the whole
    double value;
    double standard_deviation;
};

/// What evaluate_child remembers of a candidate.
class ChildState {
  public:
    ChildState() = default;
    ChildState(const ChildState&) = delete;
    ChildState& operator=(const ChildState&) = delete;
    virtual ~ChildState() = default;
};

/// How a candidate begins as its parent did: see sotto_prefix.
struct Prefix {
    const ChildState& parent;
    std::uint32_t operations;
    std::uint32_t layers;
};

// ------------------------------------------------------------------ models

namespace detail {
[[noreturn]] inline void not_offered() {
    plugin_fault("a method it does not override was called");
}
}  // namespace detail

/// What every plug-in class derives from, through CostModel, AdditiveCostModel or AccuracyProxy. A class also has
///     static Declaration declare();
///     Class(const Arguments& arguments, const Host& host);
/// At SOTTO_THREADS_SHARED the evaluate methods may run at once on one object.
class Model {
  public:
    Model() = default;
    Model(const Model&) = delete;
    Model& operator=(const Model&) = delete;
    virtual ~Model() = default;

    /// Scores one candidate. This or evaluate_batch is overridden.
    virtual void evaluate(const Candidate& /*candidate*/, Values /*metrics*/) { detail::not_offered(); }
    /// Scores many: calls batch.score once for each.
    virtual void evaluate_batch(const Batch& batch) {
        for (std::uint32_t i = 0; i < batch.size(); ++i) {
            batch.score(i, [this](const Candidate& candidate, Values metrics) { evaluate(candidate, metrics); });
        }
    }

    // Each of the following is offered by overriding it.

    /// Extension per-operation: metrics, and the share of each operation in them.
    virtual void evaluate_operations(const Candidate& /*candidate*/, Values /*metrics*/, OperationValues /*values*/) {
        detail::not_offered();
    }
    /// Extension uncertainty: one standard deviation of the error of each metric.
    virtual void evaluate_uncertainty(const Candidate& /*candidate*/, Values /*deviations*/) { detail::not_offered(); }
    /// Extension calibrate; the three go together. calibrate and load_state change nothing where they throw. The
    /// bytes that reach load_state are those of a save_state of the same class and version: others are refused
    /// before.
    virtual void calibrate(const std::vector<Measurement>& /*measurements*/) { detail::not_offered(); }
    virtual std::string save_state() { detail::not_offered(); }
    virtual void load_state(std::string_view /*state*/) { detail::not_offered(); }
    /// Extension incremental: evaluate, with the parent's work at hand where prefix is not null. Returns what is to
    /// be remembered of this candidate; may be null where keeps is false.
    virtual std::unique_ptr<ChildState> evaluate_child(const Candidate& /*candidate*/, const Prefix* /*prefix*/,
                                                       Values /*metrics*/, bool /*keeps*/) {
        detail::not_offered();
    }
};

class CostModel : public Model {
  public:
    static constexpr const char* factory_id = SOTTO_COST_MODEL_FACTORY;
    static constexpr std::uint32_t usual_needs = SOTTO_NEEDS_PROGRAM;
};

class AccuracyProxy : public Model {
  public:
    static constexpr const char* factory_id = SOTTO_ACCURACY_PROXY_FACTORY;
    static constexpr std::uint32_t usual_needs = SOTTO_NEEDS_NETWORK;
};

/// A cost model whose metrics are sums over operations: only price() is overridden. Offers per-operation values;
/// declare the metrics with SOTTO_METRIC_SUM.
class AdditiveCostModel : public CostModel {
  public:
    /// Writes what one operation costs. Throws Unsupported for one it cannot price; one of a kind beside
    /// Declaration::operation_kinds does not get here.
    virtual void price(const sotto_operation& operation, Values metrics) = 0;

    void evaluate(const Candidate& candidate, Values metrics) override { add_up(candidate, metrics, nullptr); }
    void evaluate_operations(const Candidate& candidate, Values metrics, OperationValues values) override {
        add_up(candidate, metrics, &values);
    }

  private:
    void add_up(const Candidate& candidate, Values metrics, const OperationValues* values) {
        constexpr std::size_t usual_count = 16;
        double few[usual_count];
        std::vector<double> many(metrics.size() > usual_count ? metrics.size() : 0);
        const Values row(many.empty() ? few : many.data(), metrics.size());
        for (double& metric : metrics) {
            metric = 0;
        }
        std::uint32_t index = 0;
        for (const sotto_operation& operation : candidate.operations()) {
            const Values own = values != nullptr ? (*values)[index] : row;
            price(operation, own);
            for (std::size_t i = 0; i < metrics.size(); ++i) {
                metrics[i] += own[i];
            }
            ++index;
        }
    }
};

// ------------------------------------------------------------------ the border

namespace detail {

inline bool is_among(const char* const* choices, std::string_view value) {
    for (; *choices != nullptr; ++choices) {
        if (value == *choices) {
            return true;
        }
    }
    return false;
}

/// Whether an argument is one that its parameter allows.
inline void check_argument(const sotto_parameter& parameter, const sotto_argument& argument) {
    const std::string name = parameter.name;
    const std::string value = argument.value;
    bool is_good = name == argument.name;
    switch (parameter.type) {
        case SOTTO_PARAMETER_INTEGER: {
            const auto number = static_cast<double>(parsed<std::int64_t>(name, value));
            is_good = is_good && number >= parameter.least && number <= parameter.most;
            break;
        }
        case SOTTO_PARAMETER_NUMBER: {
            const double number = parsed<double>(name, value);
            is_good = is_good && number >= parameter.least && number <= parameter.most;
            break;
        }
        case SOTTO_PARAMETER_BOOLEAN:
            is_good = is_good && (value == "true" || value == "false");
            break;
        default:
            is_good = is_good && (parameter.choices == nullptr || is_among(parameter.choices, value));
            break;
    }
    if (!is_good) {
        host_fault("parameter '" + name + "' got '" + argument.name + "' = '" + value + "', which is not allowed");
    }
}

/// A declaration in the form that crosses the border.
class FlatDeclaration {
  public:
    FlatDeclaration(Declaration given, std::uint32_t usual_needs) : declaration_(std::move(given)) {
        for (const Metric& metric : declaration_.metrics) {
            metrics_.push_back({sizeof(sotto_metric), metric.direction, metric.flags, 0, metric.name.c_str(),
                                metric.unit.c_str(), metric.description.c_str()});
        }
        choices_.reserve(declaration_.parameters.size());
        for (const Parameter& parameter : declaration_.parameters) {
            auto& choices = choices_.emplace_back();
            for (const std::string& choice : parameter.choices) {
                choices.push_back(choice.c_str());
            }
            choices.push_back(nullptr);
            parameters_.push_back({sizeof(sotto_parameter), parameter.type,
                                   parameter.is_required ? std::uint32_t{SOTTO_PARAMETER_REQUIRED} : 0u, 0,
                                   parameter.least, parameter.most, parameter.name.c_str(), parameter.help.c_str(),
                                   parameter.is_required ? nullptr : parameter.default_value.c_str(),
                                   parameter.choices.empty() ? nullptr : choices.data()});
        }
        descriptor_.struct_size = sizeof(sotto_descriptor);
        descriptor_.needs = declaration_.needs != 0 ? declaration_.needs : usual_needs;
        descriptor_.capabilities =
            (declaration_.is_deterministic ? std::uint32_t{SOTTO_CAPABILITY_DETERMINISTIC} : 0u) |
            (declaration_.has_own_threads ? std::uint32_t{SOTTO_CAPABILITY_OWN_THREADS} : 0u);
        descriptor_.thread_level = declaration_.thread_level;
        descriptor_.id = declaration_.id.c_str();
        descriptor_.version = declaration_.version.c_str();
        descriptor_.description = declaration_.description.c_str();
        descriptor_.metric_count = static_cast<std::uint32_t>(metrics_.size());
        descriptor_.metric_stride = sizeof(sotto_metric);
        descriptor_.metrics = metrics_.data();
        descriptor_.parameter_count = static_cast<std::uint32_t>(parameters_.size());
        descriptor_.parameter_stride = sizeof(sotto_parameter);
        descriptor_.parameters = parameters_.data();
        const auto list = [](const std::vector<std::int32_t>& kinds) { return kinds.empty() ? nullptr : kinds.data(); };
        descriptor_.operation_kinds = list(declaration_.operation_kinds);
        descriptor_.layer_kinds = list(declaration_.layer_kinds);
        descriptor_.operation_kind_count = static_cast<std::uint32_t>(declaration_.operation_kinds.size());
        descriptor_.layer_kind_count = static_cast<std::uint32_t>(declaration_.layer_kinds.size());
        descriptor_.typical_cost_us = declaration_.typical_cost_us;
        descriptor_.preferred_batch = declaration_.preferred_batch;
    }
    FlatDeclaration(const FlatDeclaration&) = delete;
    FlatDeclaration& operator=(const FlatDeclaration&) = delete;

    const sotto_descriptor& descriptor() const noexcept { return descriptor_; }

  private:
    Declaration declaration_;
    std::vector<sotto_metric> metrics_;
    std::vector<std::vector<const char*>> choices_;
    std::vector<sotto_parameter> parameters_;
    sotto_descriptor descriptor_{};
};

/// The frame around a saved state: whose it is, and a sum that shows damage.
inline std::string framed_state(const sotto_descriptor& descriptor, const std::string& payload) {
    std::uint64_t sum = 14695981039346656037u;  // FNV-1a
    std::string frame = std::string("sotto-state/1\n") + descriptor.id + '\n' + descriptor.version + '\n';
    for (const std::string* part : {static_cast<const std::string*>(&frame), &payload}) {
        for (const char byte : *part) {
            sum = (sum ^ static_cast<unsigned char>(byte)) * 1099511628211u;
        }
    }
    return frame + std::to_string(sum) + '\n' + payload;
}

inline std::string_view state_payload(const sotto_descriptor& descriptor, std::string_view bytes) {
    std::size_t begin = 0;
    for (int line = 0; line < 4; ++line) {
        const std::size_t end = bytes.find('\n', begin);
        if (end == std::string_view::npos) {
            throw InvalidArgument("the state is not one that was saved");
        }
        begin = end + 1;
    }
    const std::string_view payload = bytes.substr(begin);
    if (framed_state(descriptor, std::string(payload)) != bytes) {
        throw InvalidArgument("the state is damaged, or of another plug-in or version than '" +
                              std::string(descriptor.id) + "' " + descriptor.version);
    }
    return payload;
}

/// Counts the calls that are under way, and finds those that the thread level forbids.
class CallGuard {
  public:
    CallGuard(std::atomic<int>& running, bool may_overlap) : running_(running) {
        if (checks_everything && running_.fetch_add(1) > 0 && !may_overlap) {
            running_.fetch_sub(1);
            host_fault("two calls at once, which the declared thread level does not allow");
        }
    }
    ~CallGuard() {
        if (checks_everything) {
            running_.fetch_sub(1);
        }
    }
    CallGuard(const CallGuard&) = delete;
    CallGuard& operator=(const CallGuard&) = delete;

  private:
    std::atomic<int>& running_;
};

/// The functions that the host calls, for one class.
template <typename Class>
struct Border {
    struct Instance {
        Instance(const Arguments& arguments, const sotto_host* host) : model(arguments, Host(host)) {}
        sotto_instance flat{};
        Checks checks{};
        std::atomic<int> running{0};
        Class model;
    };

    static const FlatDeclaration& declaration() {
        static const FlatDeclaration made(Class::declare(), Class::usual_needs);
        return made;
    }

    static const sotto_descriptor* descriptor() noexcept {
        const sotto_descriptor* found = nullptr;
        guarded(nullptr, [&] { found = &declaration().descriptor(); });
        return found;
    }

    static inline std::atomic<int> library_running{0};

    static Instance& of(const sotto_instance* instance) { return *static_cast<Instance*>(instance->plugin_data); }

    /// Runs `call(instance)` as one call of the given thread class.
    template <typename Call>
    static sotto_status run(sotto_instance* flat, bool is_evaluation, const sotto_error_sink* error,
                            Call&& call) noexcept {
        return guarded(error, [&] {
            Instance& instance = of(flat);
            const std::int32_t level = instance.checks.descriptor->thread_level;
            const CallGuard guard(level == SOTTO_THREADS_NONE ? library_running : instance.running,
                                  is_evaluation && level >= SOTTO_THREADS_SHARED);
            call(instance);
        });
    }

    static sotto_status evaluate_batch(sotto_instance* flat, const sotto_candidate* const* candidates,
                                       sotto_result* const* results, std::uint32_t count,
                                       const sotto_error_sink* error) {
        return run(flat, true, error, [&](Instance& instance) {
            for (std::uint32_t i = 0; checks_everything && i < count; ++i) {
                results[i]->status = -1;
            }
            instance.model.evaluate_batch(Batch(instance.checks, candidates, results, count));
            for (std::uint32_t i = 0; checks_everything && i < count; ++i) {
                if (results[i]->status == -1) {
                    plugin_fault("candidate " + std::to_string(i) + " of the batch was not scored");
                }
            }
        });
    }

    /// As evaluate_batch, through a method that scores one candidate.
    template <typename Score>
    static sotto_status evaluate_each(sotto_instance* flat, const sotto_candidate* const* candidates,
                                      sotto_result* const* results, std::uint32_t count, const sotto_error_sink* error,
                                      Score&& score) {
        return run(flat, true, error, [&](Instance& instance) {
            const Batch batch(instance.checks, candidates, results, count);
            for (std::uint32_t i = 0; i < count; ++i) {
                batch.score(i, [&](const Candidate& candidate, Values metrics) {
                    score(instance, candidate, metrics, *results[i]);
                });
            }
        });
    }

    static sotto_status evaluate_operations(sotto_instance* flat, const sotto_candidate* const* candidates,
                                            sotto_result* const* results, std::uint32_t count,
                                            const sotto_error_sink* error) {
        return evaluate_each(flat, candidates, results, count, error,
                             [](Instance& instance, const Candidate& candidate, Values metrics, sotto_result& result) {
                                 const std::uint32_t rows =
                                     candidate.flat().program == nullptr ? 0 : candidate.program().operation_count;
                                 instance.checks.make_unwritten(result.operation_values, rows);
                                 instance.model.evaluate_operations(
                                     candidate, metrics, OperationValues(result.operation_values, metrics.size()));
                                 if (checks_results) {
                                     instance.checks.check_values(result.operation_values, rows);
                                 }
                             });
    }

    static sotto_status evaluate_uncertainty(sotto_instance* flat, const sotto_candidate* const* candidates,
                                             sotto_result* const* results, std::uint32_t count,
                                             const sotto_error_sink* error) {
        return evaluate_each(flat, candidates, results, count, error,
                             [](Instance& instance, const Candidate& candidate, Values deviations, sotto_result&) {
                                 instance.model.evaluate_uncertainty(candidate, deviations);
                                 for (const double deviation : deviations) {
                                     if (checks_results && deviation < 0) {
                                         plugin_fault("a standard deviation is negative");
                                     }
                                 }
                             });
    }

    static sotto_status fit(sotto_instance* flat, const sotto_measurement* const* measurements, std::uint32_t count,
                            const sotto_error_sink* error) {
        return run(flat, false, error, [&](Instance& instance) {
            std::vector<Measurement> given;
            given.reserve(count);
            for (std::uint32_t i = 0; i < count; ++i) {
                const sotto_measurement& one = *measurements[i];
                if (checks_results) {
                    instance.checks.check_candidate(one.candidate);
                    if (one.metric >= instance.checks.descriptor->metric_count) {
                        host_fault("measurement " + std::to_string(i) + " is of a metric that is not declared");
                    }
                }
                given.push_back(
                    {Candidate(*one.candidate), one.metric, one.operation, one.value, one.standard_deviation});
            }
            instance.model.calibrate(given);
        });
    }

    static sotto_status save(sotto_instance* flat, void* bytes, std::uint64_t capacity, std::uint64_t* size,
                             const sotto_error_sink* error) {
        return run(flat, false, error, [&](Instance& instance) {
            const std::string state = framed_state(*instance.checks.descriptor, instance.model.save_state());
            *size = state.size();
            if (capacity >= state.size()) {
                std::memcpy(bytes, state.data(), state.size());
            }
        });
    }

    static sotto_status load(sotto_instance* flat, const void* bytes, std::uint64_t size,
                             const sotto_error_sink* error) {
        return run(flat, false, error, [&](Instance& instance) {
            const std::string_view all(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
            instance.model.load_state(state_payload(*instance.checks.descriptor, all));
        });
    }

    static sotto_status evaluate_child(sotto_instance* flat, const sotto_prefix* prefix,
                                       const sotto_candidate* candidate, sotto_result* result,
                                       sotto_incremental_state** kept, const sotto_error_sink* error) {
        return run(flat, true, error, [&](Instance& instance) {
            std::unique_ptr<ChildState> state;
            Batch(instance.checks, &candidate, &result, 1).score(0, [&](const Candidate& child, Values metrics) {
                if (prefix == nullptr) {
                    state = instance.model.evaluate_child(child, nullptr, metrics, kept != nullptr);
                } else {
                    const auto* const parent = reinterpret_cast<const ChildState*>(prefix->parent);
                    const Prefix shared{*parent, prefix->operations, prefix->layers};
                    state = instance.model.evaluate_child(child, &shared, metrics, kept != nullptr);
                }
            });
            if (kept != nullptr) {
                if (result->status == SOTTO_OK && state == nullptr) {
                    plugin_fault("evaluate_child gave no state");
                }
                *kept =
                    result->status == SOTTO_OK ? reinterpret_cast<sotto_incremental_state*>(state.release()) : nullptr;
            }
        });
    }

    static void release(sotto_instance* /*flat*/, sotto_incremental_state* state) {
        delete reinterpret_cast<ChildState*>(state);
    }

    static void destroy(sotto_instance* flat) { delete &of(flat); }

    static const void* get_extension(const sotto_instance* /*flat*/, const char* id) {
        const std::string_view wanted = id;
        // A method that is not overridden has the type of a member of Model.
        if constexpr (!std::is_same_v<decltype(&Class::evaluate_operations), decltype(&Model::evaluate_operations)>) {
            static constexpr sotto_per_operation extension = {sizeof(sotto_per_operation), 0, evaluate_operations};
            if (wanted == SOTTO_PER_OPERATION_EXTENSION) {
                return &extension;
            }
        }
        if constexpr (!std::is_same_v<decltype(&Class::evaluate_uncertainty), decltype(&Model::evaluate_uncertainty)>) {
            static constexpr sotto_uncertainty extension = {sizeof(sotto_uncertainty), 0, evaluate_uncertainty};
            if (wanted == SOTTO_UNCERTAINTY_EXTENSION) {
                return &extension;
            }
        }
        if constexpr (!std::is_same_v<decltype(&Class::calibrate), decltype(&Model::calibrate)>) {
            static constexpr sotto_calibrate extension = {sizeof(sotto_calibrate), 0, fit, save, load};
            if (wanted == SOTTO_CALIBRATE_EXTENSION) {
                return &extension;
            }
        }
        if constexpr (!std::is_same_v<decltype(&Class::evaluate_child), decltype(&Model::evaluate_child)>) {
            static constexpr sotto_incremental extension = {sizeof(sotto_incremental), 0, evaluate_child, release};
            if (wanted == SOTTO_INCREMENTAL_EXTENSION) {
                return &extension;
            }
        }
        return nullptr;
    }

    static sotto_status create(const sotto_host* host, const sotto_argument* const* arguments, std::uint32_t count,
                               sotto_instance** instance, const sotto_error_sink* error) noexcept {
        return guarded(error, [&] {
            const sotto_descriptor& described = declaration().descriptor();
            if (checks_results && (host == nullptr || host->struct_size < SOTTO_SIZE_UP_TO(sotto_host, get_extension) ||
                                   count != described.parameter_count)) {
                host_fault("create got no host, or " + std::to_string(count) + " arguments for " +
                           std::to_string(described.parameter_count) + " parameters");
            }
            for (std::uint32_t i = 0; checks_results && i < count; ++i) {
                check_argument(described.parameters[i], *arguments[i]);
            }
            auto made = std::make_unique<Instance>(Arguments(arguments, count), host);
            made->checks.descriptor = &described;
            made->flat = {sizeof(sotto_instance), 0, made.get(), destroy, evaluate_batch, get_extension};
            *instance = &made.release()->flat;
        });
    }
};

/// The plug-ins of a library: what its entry points to.
template <typename... Classes>
struct Library {
    struct Offer {
        const char* factory_id;
        const sotto_descriptor* (*descriptor)() noexcept;
        sotto_status (*create)(const sotto_host*, const sotto_argument* const*, std::uint32_t, sotto_instance**,
                               const sotto_error_sink*) noexcept;
    };
    static constexpr Offer offers[] = {{Classes::factory_id, Border<Classes>::descriptor, Border<Classes>::create}...};

    static bool is_of(const Offer& offer, const sotto_factory* factory) {
        return std::strcmp(offer.factory_id,
                           factory == &cost_models ? SOTTO_COST_MODEL_FACTORY : SOTTO_ACCURACY_PROXY_FACTORY) == 0;
    }

    static std::uint32_t count(const sotto_factory* factory) {
        std::uint32_t found = 0;
        for (const Offer& offer : offers) {
            found += is_of(offer, factory) ? 1 : 0;
        }
        return found;
    }

    static const sotto_descriptor* descriptor(const sotto_factory* factory, std::uint32_t index) {
        for (const Offer& offer : offers) {
            if (is_of(offer, factory) && index-- == 0) {
                return offer.descriptor();
            }
        }
        return nullptr;
    }

    static sotto_status create(const sotto_factory* factory, const sotto_host* host, const char* plugin_id,
                               const sotto_argument* const* arguments, std::uint32_t argument_count,
                               sotto_instance** instance, const sotto_error_sink* error) {
        for (const Offer& offer : offers) {
            const sotto_descriptor* const described = is_of(offer, factory) ? offer.descriptor() : nullptr;
            if (described != nullptr && std::strcmp(described->id, plugin_id) == 0) {
                return offer.create(host, arguments, argument_count, instance, error);
            }
        }
        report(error, "this library has no plug-in of that id");
        return SOTTO_INVALID_ARGUMENT;
    }

    static constexpr sotto_factory cost_models = {sizeof(sotto_factory), 0, count, descriptor, create};
    static constexpr sotto_factory accuracy_proxies = {sizeof(sotto_factory), 0, count, descriptor, create};

    static sotto_status init(const char* /*library_path*/, const sotto_host* /*host*/,
                             const sotto_error_sink* /*error*/) {
        return SOTTO_OK;
    }
    static void deinit() {}

    static const sotto_factory* get_factory(const char* factory_id) {
        const bool is_cost = std::strcmp(factory_id, SOTTO_COST_MODEL_FACTORY) == 0;
        const bool is_proxy = std::strcmp(factory_id, SOTTO_ACCURACY_PROXY_FACTORY) == 0;
        const sotto_factory* const factory = is_cost ? &cost_models : is_proxy ? &accuracy_proxies : nullptr;
        return factory != nullptr && count(factory) > 0 ? factory : nullptr;
    }

    static constexpr sotto_plugin_entry_v1 entry = {SOTTO_PLUGIN_ABI_VERSION, sizeof(sotto_plugin_entry_v1), init,
                                                    deinit, get_factory};
};

}  // namespace detail
}  // namespace SOTTO_SDK_NAMESPACE
}  // namespace sdk
}  // namespace sotto

/// The entry of a library that offers the given classes. Once in a library, outside every namespace.
#define SOTTO_PLUGIN(...) \
    const sotto_plugin_entry_v1 sotto_plugin_entry = ::sotto::sdk::detail::Library<__VA_ARGS__>::entry;

#endif
