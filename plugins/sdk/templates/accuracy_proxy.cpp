// SPDX-License-Identifier: Apache-2.0
// my-model: an accuracy proxy in C++. Scores a network by its depth of activations and its width, which is a start and
// no more.
#include <algorithm>
#include <cmath>

#include "sotto/plugin.hpp"

namespace {

using namespace sotto::sdk;

class MyModel final : public AccuracyProxy {
  public:
    static Declaration declare() {
        Declaration declaration;
        declaration.id = "my-model";
        declaration.version = "1.0.0";
        declaration.description = "depth of activations, and the logarithm of the width before them";
        declaration.metrics = {
            {"accuracy.my_model", "1", "higher is better", SOTTO_DIRECTION_MAXIMIZE, SOTTO_METRIC_NON_NEGATIVE}};
        declaration.parameters = {
            Parameter::number("width_weight", "what a doubling of the width is worth, in activations", 0.5, 0, 100)};
        declaration.thread_level = SOTTO_THREADS_SHARED;  // evaluate() only reads
        return declaration;
    }

    MyModel(const Arguments& arguments, const Host& /*host*/) : width_weight_(arguments.number("width_weight")) {}

    void evaluate(const Candidate& candidate, Values metrics) override {
        std::vector<int> depths;  // of every layer: activations on the way from the input
        double width = 0;
        for (const sotto_layer& layer : candidate.layers()) {
            // A later host has kinds of layers and activations that are not in this header.
            if (layer.kind < SOTTO_LAYER_INPUT || layer.kind > SOTTO_LAYER_PAD || layer.activation < 0 ||
                layer.activation > SOTTO_ACTIVATION_IDENTITY) {
                throw Unsupported("layer " + std::to_string(depths.size()) + ": kind " + std::to_string(layer.kind) +
                                  " with activation " + std::to_string(layer.activation) + " is not known");
            }
            const bool bends = layer.kind == SOTTO_LAYER_ACTIVATION && layer.activation != SOTTO_ACTIVATION_IDENTITY;
            int depth = 0;
            for (const std::uint32_t operand : candidate.operands(layer)) {
                depth = std::max(depth, depths[operand]);
            }
            depths.push_back(depth + (bends ? 1 : 0));
            width += bends ? std::log2(1.0 + layer.output.channels) : 0;
        }
        metrics[0] = depths[candidate.network().output_layer] + width_weight_ * width;
    }

  private:
    double width_weight_;
};

}  // namespace

SOTTO_PLUGIN(MyModel)
