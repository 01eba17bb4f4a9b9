// SPDX-License-Identifier: Apache-2.0
#include "sotto/plugin.hpp"

#include "cost_models/learned/plugin/learned_cost_model.hpp"
#include "cost_models/lstm/lstm_predictor.hpp"
#include "cost_models/lstm/shipped_models.hpp"
#include "cost_models/mlp/mlp_predictor.hpp"
#include "cost_models/mlp/shipped_models.hpp"
#include "engine/input/input_error.hpp"

namespace sotto::learned {
namespace {

// A file that is no model of this kind is a wrong argument.
template <typename Read>
auto read_or_refuse(const model_file::OpenedModel& opened, Read&& read) {
    try {
        return read(opened.model, opened.name);
    } catch (const input::InputError& error) {
        throw sdk::InvalidArgument(error.what());
    }
}

class MlpCostModel : public LearnedCostModel {
  public:
    static sdk::Declaration declare() {
        return declaration(
            "mlp", "latency by counts of the protocol, corrected by a perceptron for each layer type and role", 20);
    }
    MlpCostModel(const sdk::Arguments& arguments, const sdk::Host& host)
        : LearnedCostModel(host, read_or_refuse(open("mlp", arguments, mlp::shipped_models()), mlp::read)) {}
};

class LstmCostModel : public LearnedCostModel {
  public:
    static sdk::Declaration declare() {
        return declaration("lstm",
                           "latency by counts of the protocol, corrected by a recurrent network over the program", 400);
    }
    LstmCostModel(const sdk::Arguments& arguments, const sdk::Host& host)
        : LearnedCostModel(host, read_or_refuse(open("lstm", arguments, lstm::shipped_models()), lstm::read)) {}
};

}  // namespace
}  // namespace sotto::learned

SOTTO_PLUGIN(sotto::learned::MlpCostModel, sotto::learned::LstmCostModel)
