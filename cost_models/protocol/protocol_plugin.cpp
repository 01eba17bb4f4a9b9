// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/protocol_plugin.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "sotto/plugin.hpp"

#include "cost_models/model_file/json_fields.hpp"
#include "cost_models/protocol/calibration.hpp"
#include "cost_models/protocol/extrapolation.hpp"
#include "cost_models/protocol/predictor.hpp"
#include "cost_models/protocol/shipped_models.hpp"
#include "cost_models/protocol/workspaces.hpp"
#include "engine/input/input_error.hpp"

namespace sotto::protocol {
namespace {

using model_file::Choice;
using nlohmann::json;
using sdk::Candidate;
using sdk::Metric;
using sdk::Parameter;
using sdk::Values;

enum MetricIndex : std::uint32_t { client_ms, server_ms, total_ms, client_bytes, server_bytes, rounds };

constexpr double messages_in_round = 2;
constexpr double rounds_deviation = 1;
constexpr std::size_t fewest_measurements = 10;

// Positions before each operation.
class Walk final : public sdk::ChildState {
  public:
    std::vector<Predictor::Position> before;
};

class Protocol final : public sdk::CostModel {
  public:
    static sdk::Declaration declare();

    Protocol(const sdk::Arguments& arguments, const sdk::Host& host) {
        Choice choice;
        choice.setting = arguments.text(Choice::setting_name);
        choice.engine = arguments.text(Choice::engine_name);
        choice.file = arguments.text(Choice::file_name);
        try {
            const model_file::OpenedModel opened = model_file::open_model("protocol", choice, shipped_models());
            base_ = read_coefficients(opened.model, opened.name);
            EngineProfile engine = engine_of(opened.model.engine, opened.model.setting, opened.name);
            const Circumstances fitted = {LinkTimes::of(opened.model.bandwidth_mbps, opened.model.rtt_ms),
                                          engine.parameters().bit_length};
            choose_link(arguments, opened.model, host);
            choose_bit_length(arguments, engine, host);
            take(base_, engine, fitted);
            whose_ = {{"engine", opened.model.engine.name},
                      {"setting", opened.model.setting},
                      {"bit_length", engine.parameters().bit_length}};
            file_ = opened.model;
        } catch (const input::InputError& error) {
            throw sdk::InvalidArgument(error.what());
        }
    }

    void evaluate(const Candidate& candidate, Values metrics) override {
        const auto memory = borrow();
        write(run(candidate, 0, predictor_->start(), *memory, [](std::uint32_t, const auto&, const Cost&) {}), metrics);
    }

    void evaluate_batch(const sdk::Batch& batch) override {
        const auto memory = borrow();
        for (std::uint32_t i = 0; i < batch.size(); ++i) {
            batch.score(i, [&](const Candidate& candidate, Values metrics) {
                write(run(candidate, 0, predictor_->start(), *memory, [](std::uint32_t, const auto&, const Cost&) {}),
                      metrics);
            });
        }
    }

    void evaluate_operations(const Candidate& candidate, Values metrics, sdk::OperationValues values) override {
        const auto memory = borrow();
        const Predictor::Position end =
            run(candidate, 0, predictor_->start(), *memory, [&](std::uint32_t i, const auto&, const Cost& cost) {
                const Values row = values[i];
                row[client_ms] = cost.client_ms;
                row[server_ms] = cost.server_ms;
                row[client_bytes] = cost.client_sent_bytes;
                row[server_bytes] = cost.server_sent_bytes;
                row[rounds] = cost.flows / messages_in_round;
            });
        for (std::uint32_t i = 0; i < candidate.program().operation_count; ++i) {
            const Values row = values[i];
            row[total_ms] = predictor_->total_ms(Cost{row[client_ms], row[server_ms], 0, 0, 0}, end);
        }
        write(end, metrics);
    }

    void evaluate_uncertainty(const Candidate& candidate, Values deviations) override {
        evaluate(candidate, deviations);
        const Coefficients& coefficients = predictor_->coefficients();
        Extrapolation::Moved moved;
        if (!extrapolation_->is_none()) {
            moved = extrapolation_->moved(operations_of(candidate));
        }
        deviations[client_ms] = coefficients.client.deviation_ms(deviations[client_ms], moved.client_ms);
        deviations[server_ms] = coefficients.server.deviation_ms(deviations[server_ms], moved.server_ms);
        deviations[total_ms] = coefficients.total.deviation_ms(deviations[total_ms], moved.total_ms);
        for (const MetricIndex bytes : {client_bytes, server_bytes}) {
            deviations[bytes] *= predictor_->engine().parameters().byte_deviation;
        }
        deviations[rounds] = deviations[rounds] > 0 ? rounds_deviation : 0;
    }

    void calibrate(const std::vector<sdk::Measurement>& measurements) override;
    std::string save_state() override;
    void load_state(std::string_view state) override;

    std::unique_ptr<sdk::ChildState> evaluate_child(const Candidate& candidate, const sdk::Prefix* prefix,
                                                    Values metrics, bool keeps) override {
        // What the last operation of the prefix takes depends on the one after it: begin there.
        const std::uint32_t shared = prefix == nullptr ? 0 : prefix->operations;
        const std::uint32_t first = shared == 0 ? 0 : shared - 1;
        const Walk* const parent = first == 0 ? nullptr : static_cast<const Walk*>(&prefix->parent);
        std::unique_ptr<Walk> walk;
        if (keeps) {
            walk = std::make_unique<Walk>();
            walk->before.reserve(candidate.program().operation_count);
            if (parent != nullptr) {
                walk->before.assign(parent->before.begin(), parent->before.begin() + first);
            }
        }
        const auto memory = borrow();
        write(run(candidate, first, parent == nullptr ? predictor_->start() : parent->before[first], *memory,
                  [&](std::uint32_t, const Predictor::Position& before, const Cost&) {
                      if (keeps) {
                          walk->before.push_back(before);
                      }
                  }),
              metrics);
        return walk;
    }

  private:
    // What was remembered of operations goes with the predictor that it is of. `engine`: as asked for.
    void take(const Coefficients& coefficients, const EngineProfile& engine, const Circumstances& fitted) {
        auto extrapolation = std::make_unique<Extrapolation>(coefficients, engine, fitted,
                                                             Circumstances{link_, engine.parameters().bit_length});
        auto predictor = std::make_unique<Predictor>(coefficients, engine, link_);
        memories_ = std::make_unique<Workspaces<Predictor::Memory>>();
        extrapolation_ = std::move(extrapolation);
        predictor_ = std::move(predictor);
        fitted_ = fitted;
    }

    Workspaces<Predictor::Memory>::Loan borrow() const {
        return memories_->borrow([] { return std::make_unique<Predictor::Memory>(); });
    }

    // Goes on from operation `first`; see(index, position before it, cost) after each. Returns where it ends.
    template <typename See>
    Predictor::Position run(const Candidate& candidate, std::uint32_t first, Predictor::Position position,
                            Predictor::Memory& memory, const See& see) const {
        const sdk::Operations operations = candidate.operations();
        try {
            for (std::uint32_t i = first; i < operations.size(); ++i) {
                const sotto_operation* const next = i + 1 < operations.size() ? &operations[i + 1] : nullptr;
                const Predictor::Position before = position;
                const Cost cost = predictor_->advance(position, operations[i], next, i, memory);
                see(i, before, cost);
            }
        } catch (const UnpricedOperation& error) {
            if (error.is_malformed()) {
                throw sdk::InvalidArgument(error.what());
            }
            throw sdk::Unsupported(error.what());
        }
        return position;
    }

    void write(const Predictor::Position& end, Values metrics) const {
        metrics[client_ms] = end.sum.client_ms;
        metrics[server_ms] = end.sum.server_ms;
        metrics[total_ms] = predictor_->total_ms(end);
        metrics[client_bytes] = end.sum.client_sent_bytes;
        metrics[server_bytes] = end.sum.server_sent_bytes;
        metrics[rounds] = end.sum.flows / messages_in_round;
    }

    void choose_link(const sdk::Arguments& arguments, const model_file::ModelFile& file, const sdk::Host& host) {
        const double bandwidth = arguments.number("bandwidth_mbps");
        const double rtt = arguments.number("rtt_ms");
        link_ = LinkTimes::of(bandwidth > 0 ? bandwidth : file.bandwidth_mbps, rtt > 0 ? rtt : file.rtt_ms);
        if ((bandwidth > 0 && bandwidth != file.bandwidth_mbps) || (rtt > 0 && rtt != file.rtt_ms)) {
            host.log(SOTTO_LOG_WARNING,
                     "protocol: the model was fitted on '" + file.setting + "' (" +
                         (std::isinf(file.bandwidth_mbps)
                              ? "one machine"
                              : in_short(file.bandwidth_mbps) + " Mbit/s, " + in_short(file.rtt_ms) + " ms") +
                         "); for this link bytes and messages are priced by what they take on it: extrapolated, with " +
                         "wider intervals");
        }
    }

    static void choose_bit_length(const sdk::Arguments& arguments, EngineProfile& engine, const sdk::Host& host) {
        const auto bit_length = static_cast<int>(arguments.integer("bit_length"));
        EngineParameters parameters = engine.parameters();
        if (bit_length == 0 || bit_length == parameters.bit_length) {
            return;
        }
        host.log(SOTTO_LOG_WARNING, "protocol: the model was fitted at " + std::to_string(parameters.bit_length) +
                                        " bits; counts are for " + std::to_string(bit_length) +
                                        ", prices are not: extrapolated, with wider intervals");
        parameters.bit_length = bit_length;
        try {
            engine = engine.with(parameters);
        } catch (const std::invalid_argument& error) {
            throw sdk::InvalidArgument(std::string("bit_length: ") + error.what());
        }
    }

    static std::vector<sotto_operation> operations_of(const Candidate& candidate);
    static std::vector<TimedStep> steps_of(const Predictor& predictor, const Candidate& candidate);

    static std::string in_short(double number) {
        char text[32];
        std::snprintf(text, sizeof text, "%g", number);
        return text;
    }

    Coefficients base_;
    LinkTimes link_;
    Circumstances fitted_;  // of the predictor's prices: what a calibration was asked under, too
    std::unique_ptr<Predictor> predictor_;
    std::unique_ptr<Extrapolation> extrapolation_;
    std::unique_ptr<Workspaces<Predictor::Memory>> memories_;
    json whose_;
    model_file::ModelFile file_;
};

sdk::Declaration Protocol::declare() {
    constexpr std::uint32_t flags = SOTTO_METRIC_NON_NEGATIVE | SOTTO_METRIC_SUM;
    const auto metric = [](const char* name, const char* unit, const char* description) {
        return Metric{name, unit, description, SOTTO_DIRECTION_MINIMIZE, flags};
    };
    sdk::Declaration declaration;
    declaration.id = "protocol";
    declaration.version = "1.1.0";
    declaration.description =
        "latency under OpenCheetah from what its protocols do: ciphertexts, products, transfers with their pools, "
        "bytes, "
        "messages";
    declaration.metrics = {
        metric("latency.client_ms", "ms", "time the client takes, waiting for the server included"),
        metric("latency.server_ms", "ms", "time the server takes, waiting for the client included"),
        metric("latency.total_ms", "ms", "time of the slower party"),
        metric("comm.client_bytes", "bytes", "what the client sends"),
        metric("comm.server_bytes", "bytes", "what the server sends"),
        metric("rounds", "1", "round trips: half of the messages that wait for the one before"),
    };
    declaration.parameters = {
        Parameter::text(Choice::setting_name, Choice::setting_help, Choice::setting_default,
                        {model_file::setting_names.begin(), model_file::setting_names.end()}),
        Parameter::text(Choice::engine_name, Choice::engine_help, Choice::engine_default),
        Parameter::text(Choice::file_name, Choice::file_help, Choice::file_default),
        Parameter::number("bandwidth_mbps", "of the link, each direction, 10^6 bits a second; 0: the setting's", 0, 0,
                          1e9),
        Parameter::number("rtt_ms", "round-trip time of the link; 0: the setting's", 0, 0, 1e6),
        Parameter::integer("bit_length", "of the ring of the shares; 0: the engine's", 0, 0, 44),
    };
    declaration.thread_level = SOTTO_THREADS_SHARED;
    declaration.typical_cost_us = 10;
    // Which of them a model has prices for depends on its measurements.
    for (std::int32_t kind = SOTTO_OPERATION_CONVOLUTION; kind <= SOTTO_OPERATION_MULTIPLY; ++kind) {
        declaration.operation_kinds.push_back(kind);
    }
    return declaration;
}

void Protocol::calibrate(const std::vector<sdk::Measurement>& measurements) {
    if (measurements.size() < fewest_measurements) {
        throw sdk::InvalidArgument("found " + std::to_string(measurements.size()) + " measurements, expected " +
                                   std::to_string(fewest_measurements) + " or more");
    }
    const Predictor base(base_, predictor_->engine(), link_);
    std::map<const sotto_candidate*, std::vector<TimedStep>> known;
    std::vector<TimedStep> times;
    for (const sdk::Measurement& measurement : measurements) {
        if (measurement.metric > total_ms) {
            throw sdk::InvalidArgument("bytes and rounds are counted, not fitted: expected measurements of a latency");
        }
        auto [entry, is_new] = known.try_emplace(&measurement.candidate.flat());
        if (is_new) {
            entry->second = steps_of(base, measurement.candidate);
        }
        if (measurement.operation >= entry->second.size()) {
            throw sdk::InvalidArgument(measurement.operation == SOTTO_WHOLE_PROGRAM
                                           ? "a measurement is of a whole program, expected times of single operations"
                                           : "a measurement is of operation " + std::to_string(measurement.operation) +
                                                 " of " + std::to_string(entry->second.size()));
        }
        TimedStep time = entry->second[measurement.operation];
        time.measured_ms = measurement.value;
        // Of a total both parties' clocks tell.
        for (const MetricIndex role : {client_ms, server_ms}) {
            if (measurement.metric == role || measurement.metric == total_ms) {
                time.is_client = role == client_ms;
                times.push_back(time);
            }
        }
    }
    take(calibrated(base_, link_, times), base.engine(), {link_, base.engine().parameters().bit_length});
}

std::vector<sotto_operation> Protocol::operations_of(const Candidate& candidate) {
    std::vector<sotto_operation> program;
    for (const sotto_operation& operation : candidate.operations()) {
        program.push_back(operation);
    }
    return program;
}

std::vector<TimedStep> Protocol::steps_of(const Predictor& predictor, const Candidate& candidate) {
    try {
        return untimed_steps(predictor, operations_of(candidate));
    } catch (const UnpricedOperation& error) {
        throw sdk::InvalidArgument(error.what());
    }
}

std::string Protocol::save_state() {
    model_file::ModelFile file = file_;
    write_coefficients(predictor_->coefficients(), predictor_->engine(), file);
    return json{{"of", whose_},
                {"model_version", file.model_version},
                {"fitted",
                 {{"ms_per_byte", fitted_.link.ms_per_byte},
                  {"one_way_ms", fitted_.link.one_way_ms},
                  {"bit_length", fitted_.bit_length}}},
                {"parameters", file.parameters}}
        .dump();
}

void Protocol::load_state(std::string_view state) {
    try {
        const json document = model_file::parse_json(state, "state");
        const model_file::JsonFields fields(document, "state", {});
        static constexpr std::array<std::string_view, 4> keys = {"of", "model_version", "fitted", "parameters"};
        fields.require_keys(keys);
        const model_file::JsonFields fitted = fields.object("fitted");
        static constexpr std::array<std::string_view, 3> fitted_keys = {"ms_per_byte", "one_way_ms", "bit_length"};
        fitted.require_keys(fitted_keys);
        if (document["of"] != whose_) {
            throw sdk::InvalidArgument("state of " + document["of"].dump() + ", expected one of " + whose_.dump());
        }
        model_file::ModelFile file = file_;
        file.model_version = fields.integer("model_version", 1, 1'000'000);
        file.parameters = document["parameters"];
        constexpr double largest = std::numeric_limits<double>::max();
        const LinkTimes link = {fitted.number("ms_per_byte", 0, largest), fitted.number("one_way_ms", 0, largest)};
        const EngineProfile engine = predictor_->engine();
        take(read_coefficients(file, "state"), engine, {link, static_cast<int>(fitted.integer("bit_length", 8, 44))});
    } catch (const input::InputError& error) {
        throw sdk::InvalidArgument(error.what());
    } catch (const std::invalid_argument& error) {
        throw sdk::InvalidArgument(std::string("state: ") + error.what());
    }
}

}  // namespace

const sotto_plugin_entry_v1& protocol_plugin_entry() {
    return sotto_plugin_entry;
}

}  // namespace sotto::protocol

SOTTO_PLUGIN(sotto::protocol::Protocol)
