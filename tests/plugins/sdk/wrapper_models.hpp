// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "sotto/plugin.hpp"

namespace sotto::tests {

using namespace sotto::sdk;

inline Declaration declaration_of(const char* id, std::int32_t thread_level) {
    Declaration declaration;
    declaration.id = id;
    declaration.version = "1.0.0";
    declaration.description = "a model of the tests of sotto/plugin.hpp";
    declaration.metrics = {{"latency.total_ms", "ms", "elements times a price", SOTTO_DIRECTION_MINIMIZE,
                            SOTTO_METRIC_NON_NEGATIVE | SOTTO_METRIC_SUM}};
    declaration.thread_level = thread_level;
    return declaration;
}

inline void require_known(const sotto_operation& operation) {
    if (operation.kind < SOTTO_OPERATION_CONVOLUTION || operation.kind > SOTTO_OPERATION_ARGMAX) {
        throw Unsupported("operation kind " + std::to_string(operation.kind));
    }
    if (operation.normalization < SOTTO_NORMALIZATION_NONE ||
        operation.normalization > SOTTO_NORMALIZATION_ELEMENTWISE) {
        throw Unsupported("normalization " + std::to_string(operation.normalization));
    }
}

/// A price an element that measurements of whole programs set, with every extension.
class Everything final : public CostModel {
  public:
    static Declaration declare() {
        Declaration declaration = declaration_of("everything", SOTTO_THREADS_SHARED);
        declaration.parameters = {Parameter::number("price", "milliseconds an element", 0.5, 0, 1000),
                                  Parameter::integer("repeats", "runs of each operation", 1, 1, 8),
                                  Parameter::boolean("doubled", "whether it costs twice", false),
                                  Parameter::text("mode", "how", "plain", {"plain", "rooted"})};
        return declaration;
    }

    Everything(const Arguments& arguments, const Host& /*host*/)
        : price_(arguments.number("price") * static_cast<double>(arguments.integer("repeats")) *
                 (arguments.boolean("doubled") ? 2 : 1)),
          is_rooted_(arguments.text("mode") == "rooted") {}

    void evaluate(const Candidate& candidate, Values metrics) override { add_up(candidate, 0, 0, metrics, nullptr); }
    void evaluate_operations(const Candidate& candidate, Values metrics, OperationValues values) override {
        add_up(candidate, 0, 0, metrics, &values);
    }
    void evaluate_uncertainty(const Candidate& candidate, Values deviations) override {
        evaluate(candidate, deviations);
        deviations[0] *= 0.1;
    }
    void calibrate(const std::vector<Measurement>& measurements) override {
        double measured = 0;
        double predicted = 0;
        for (const Measurement& measurement : measurements) {
            if (measurement.operation != SOTTO_WHOLE_PROGRAM) {
                throw InvalidArgument("only whole programs can be fitted");
            }
            double value = 0;
            evaluate(measurement.candidate, Values(&value, 1));
            measured += measurement.value;
            predicted += value;
        }
        if (!(predicted > 0) || !(measured >= 0)) {
            throw InvalidArgument("there is nothing to fit to");
        }
        price_ *= measured / predicted;
    }
    std::string save_state() override { return std::string(reinterpret_cast<const char*>(&price_), sizeof price_); }
    void load_state(std::string_view state) override {
        if (state.size() != sizeof price_) {
            throw InvalidArgument("the state has a wrong size");
        }
        state.copy(reinterpret_cast<char*>(&price_), sizeof price_);
    }
    std::unique_ptr<ChildState> evaluate_child(const Candidate& candidate, const Prefix* prefix, Values metrics,
                                               bool /*keeps*/) override {
        auto state = std::make_unique<Sums>();
        std::uint32_t begin = 0;
        if (prefix != nullptr) {
            const auto& parent = static_cast<const Sums&>(prefix->parent);
            begin = prefix->operations;
            state->after.assign(parent.after.begin(), parent.after.begin() + begin);
        }
        add_up(candidate, begin, begin == 0 ? 0 : state->after.back(), metrics, nullptr, &state->after);
        return state;
    }

  private:
    struct Sums final : ChildState {
        std::vector<double> after;
    };

    void add_up(const Candidate& candidate, std::uint32_t begin, double sum, Values metrics,
                const OperationValues* values, std::vector<double>* after = nullptr) const {
        const Operations operations = candidate.operations();
        for (std::uint32_t i = begin; i < operations.size(); ++i) {
            require_known(operations[i]);
            const auto elements = static_cast<double>(operations[i].elements);
            const double own = price_ * (is_rooted_ ? std::sqrt(elements) : elements);
            if (values != nullptr) {
                (*values)[i][0] = own;
            }
            sum += own;
            if (after != nullptr) {
                after->push_back(sum);
            }
        }
        metrics[0] = sum;
    }

    double price_;
    bool is_rooted_;
};

/// Counts layers, on the host's threads where it has some to spare.
class LayerCount final : public AccuracyProxy {
  public:
    static Declaration declare() {
        Declaration declaration = declaration_of("layer-count", SOTTO_THREADS_INSTANCE);
        declaration.metrics = {
            {"accuracy.layers", "1", "number of layers", SOTTO_DIRECTION_NEUTRAL, SOTTO_METRIC_NON_NEGATIVE}};
        return declaration;
    }
    LayerCount(const Arguments& /*arguments*/, const Host& host) : host_(host) {}
    void evaluate(const Candidate& candidate, Values metrics) override {
        host_.stop_if_cancelled();
        const Layers layers = candidate.layers();
        std::vector<double> ones(layers.size());
        host_.parallel_for(layers.size(), [&](std::uint32_t i) {
            const sotto_layer& layer = layers[i];
            if (layer.kind > SOTTO_LAYER_PAD || layer.activation > SOTTO_ACTIVATION_IDENTITY) {
                throw Unsupported("layer " + std::to_string(i) + " is not known");
            }
            ones[i] = 1;
        });
        metrics[0] = 0;
        for (const double one : ones) {
            metrics[0] += one;
        }
    }

  private:
    Host host_;
};

}  // namespace sotto::tests
