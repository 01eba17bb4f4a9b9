// SPDX-License-Identifier: Apache-2.0
// Linked into tests, and as a library that isolated processes load.
#include "tests/engine/plugin/chained_plugin.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "sotto/plugin.hpp"

namespace sotto::test {
namespace {

double append(double value, double part) {
    return std::fmod(value * 1.37 + part, 1e6);
}

double of_operation(double value, const sotto_operation& operation) {
    return append(append(value, operation.kind), static_cast<double>(operation.elements));
}

double of_layer(double value, const sdk::Candidate& candidate, const sotto_layer& layer) {
    for (const std::uint32_t operand : candidate.operands(layer)) {
        value = append(value, operand);
    }
    return append(append(value, layer.kind), layer.output.channels);
}

class State : public sdk::ChildState {
  public:
    State() { ++chained_states(); }
    ~State() override { --chained_states(); }

    std::vector<sotto_operation> operations;
    std::vector<sotto_layer> layers;
    std::vector<std::uint32_t> operands;
    std::vector<double> after_operations;  // [i]: after i of them
    std::vector<double> after_layers;
};

void require(bool condition, const char* what) {
    if (!condition) {
        throw std::logic_error(what);
    }
}

// Members are compared one by one: the host compares whole structs.
bool is_same(const sotto_shape& a, const sotto_shape& b) {
    return a.channels == b.channels && a.height == b.height && a.width == b.width;
}

bool is_same(const sotto_window& a, const sotto_window& b) {
    return a.kernel_height == b.kernel_height && a.kernel_width == b.kernel_width &&
           a.stride_height == b.stride_height && a.stride_width == b.stride_width && a.pad_top == b.pad_top &&
           a.pad_bottom == b.pad_bottom && a.pad_left == b.pad_left && a.pad_right == b.pad_right;
}

bool is_same(const sotto_operation& a, const sotto_operation& b) {
    return a.kind == b.kind && a.normalization == b.normalization && a.truncates == b.truncates &&
           a.elements == b.elements && is_same(a.input, b.input) && is_same(a.output, b.output) &&
           is_same(a.window, b.window);
}

bool is_same(const sotto_layer& a, const sotto_layer& b) {
    return a.kind == b.kind && a.activation == b.activation && a.groups == b.groups && a.bias == b.bias &&
           a.first_operand == b.first_operand && a.operand_count == b.operand_count && is_same(a.output, b.output) &&
           is_same(a.window, b.window);
}

class Chained : public sdk::CostModel {
  public:
    static sdk::Declaration declare() { return declaration("chained", SOTTO_THREADS_SHARED, 5000); }

    Chained(const sdk::Arguments& arguments, const sdk::Host&) : counts_work_(arguments.boolean("counts_work")) {}

    void evaluate(const sdk::Candidate& candidate, sdk::Values metrics) override {
        evaluate_child(candidate, nullptr, metrics, false);
    }

    std::unique_ptr<sdk::ChildState> evaluate_child(const sdk::Candidate& candidate, const sdk::Prefix* prefix,
                                                    sdk::Values metrics, bool keeps) override {
        auto state = std::make_unique<State>();
        state->after_operations = {1};
        state->after_layers = {1};
        if (prefix != nullptr) {
            const auto& parent = dynamic_cast<const State&>(prefix->parent);
            check(candidate, *prefix, parent);
            state->after_operations.assign(parent.after_operations.begin(),
                                           parent.after_operations.begin() + prefix->operations + 1);
            state->after_layers.assign(parent.after_layers.begin(), parent.after_layers.begin() + prefix->layers + 1);
        }
        double work = 0;
        for (auto i = static_cast<std::uint32_t>(state->after_operations.size() - 1); i < candidate.operations().size();
             ++i) {
            const sotto_operation& operation = candidate.operations()[i];
            if (operation.elements % 13 == 0) {
                throw sdk::Unsupported("operation " + std::to_string(i) + " is unlucky");
            }
            state->after_operations.push_back(of_operation(state->after_operations.back(), operation));
            ++work;
        }
        for (auto i = static_cast<std::uint32_t>(state->after_layers.size() - 1); i < candidate.layers().size(); ++i) {
            state->after_layers.push_back(of_layer(state->after_layers.back(), candidate, candidate.layers()[i]));
            ++work;
        }
        metrics[0] = append(state->after_operations.back(), state->after_layers.back());
        metrics[1] = counts_work_ ? work : 0;
        if (keeps) {
            for (const sotto_operation& operation : candidate.operations()) {
                state->operations.push_back(operation);
            }
            for (const sotto_layer& layer : candidate.layers()) {
                state->layers.push_back(layer);
                for (const std::uint32_t operand : candidate.operands(layer)) {
                    state->operands.push_back(operand);
                }
            }
        }
        return state;
    }

  protected:
    static sdk::Declaration declaration(const std::string& id, std::int32_t thread_level, double typical_cost_us) {
        sdk::Declaration declaration;
        declaration.id = id;
        declaration.version = "1";
        declaration.description = "a plug-in of a test";
        declaration.needs = SOTTO_NEEDS_NETWORK | SOTTO_NEEDS_PROGRAM;
        std::string name = id;
        std::replace(name.begin(), name.end(), '-', '_');
        declaration.metrics = {{name + ".value", "1", "what it is made of", SOTTO_DIRECTION_MINIMIZE, 0},
                               {name + ".work", "1", "how much was looked at", SOTTO_DIRECTION_MINIMIZE, 0}};
        declaration.parameters = {sdk::Parameter::boolean("counts_work", "for tests", false)};
        declaration.thread_level = thread_level;
        declaration.typical_cost_us = typical_cost_us;
        return declaration;
    }

  private:
    static void check(const sdk::Candidate& candidate, const sdk::Prefix& prefix, const State& parent) {
        require(prefix.operations <= parent.operations.size() && prefix.operations <= candidate.operations().size() &&
                    prefix.layers <= parent.layers.size() && prefix.layers <= candidate.layers().size(),
                "a prefix is longer than parent or child");
        for (std::uint32_t i = 0; i < prefix.operations; ++i) {
            require(is_same(parent.operations[i], candidate.operations()[i]), "an operation is not the parent's");
        }
        for (std::uint32_t i = 0; i < prefix.layers; ++i) {
            const sotto_layer& layer = candidate.layers()[i];
            require(is_same(parent.layers[i], layer), "a layer is not the parent's");
            for (std::uint32_t k = 0; k < layer.operand_count; ++k) {
                require(parent.operands[layer.first_operand + k] == candidate.operands(layer)[k],
                        "an operand is not the parent's");
            }
        }
    }

    bool counts_work_;
};

struct PerInstance : Chained {
    using Chained::Chained;
    static sdk::Declaration declare() { return declaration("chained-per-instance", SOTTO_THREADS_INSTANCE, 5000); }
};

struct Cheap : Chained {
    using Chained::Chained;
    static sdk::Declaration declare() { return declaration("chained-cheap", SOTTO_THREADS_SHARED, 10); }
};

struct Random : Chained {
    using Chained::Chained;
    static sdk::Declaration declare() {
        sdk::Declaration made = declaration("chained-random", SOTTO_THREADS_SHARED, 5000);
        made.is_deterministic = false;
        return made;
    }
};

}  // namespace

std::atomic<int>& chained_states() {
    static std::atomic<int> states{0};
    return states;
}

const sotto_plugin_entry_v1& chained_plugin_entry() {
    return sotto_plugin_entry;
}

}  // namespace sotto::test

SOTTO_PLUGIN(sotto::test::Chained, sotto::test::PerInstance, sotto::test::Cheap, sotto::test::Random)
