// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "cost_models/learned/engine_choice.hpp"
#include "cost_models/learned/physical_file.hpp"
#include "cost_models/mlp/mlp_predictor.hpp"
#include "cost_models/model_file/json_fields.hpp"

namespace sotto::mlp {

using learned::DenseLayer;
using learned::LayerType;

namespace {

constexpr std::int64_t version = 1;
constexpr double most_members = 16;
constexpr std::size_t most_hidden_layers = 5;
constexpr std::int64_t most_neurons = 640;
constexpr double most_deviation = 10;
constexpr std::array<const char*, training::role_count> role_names = {"client", "server"};

std::string tensor_name(LayerType type, std::size_t role, std::size_t member, std::size_t layer) {
    return std::string(learned::layer_type_name(type)) + '.' + role_names[role] + '.' + std::to_string(member) + '.' +
           std::to_string(layer);
}

std::size_t tensors_of_physical_part() {
    return 1 + 2 * role_names.size();
}

std::string hidden_key(LayerType type) {
    return "hidden_" + std::string(learned::layer_type_name(type));
}

std::vector<std::size_t> read_hidden(const nlohmann::json& parameters, LayerType type, const std::string& name) {
    const model_file::JsonFields fields(parameters, name, "parameters");
    const std::vector<std::int64_t> neurons = fields.integers(hidden_key(type), 1, most_hidden_layers, 1, most_neurons);
    return {neurons.begin(), neurons.end()};
}

// Sizes of networks are there for the types that the model knows, and for no other.
void require_keys(const nlohmann::json& parameters, const learned::PhysicalTimes& physical, const std::string& name) {
    std::vector<std::string> keys = {"network_deviation", "correction_limit", "members"};
    for (std::size_t t = 0; t < learned::layer_type_count; ++t) {
        if (physical.knows(static_cast<LayerType>(t))) {
            keys.push_back(hidden_key(static_cast<LayerType>(t)));
        }
    }
    const std::vector<std::string_view> known(keys.begin(), keys.end());
    model_file::JsonFields(parameters, name, "parameters").require_keys(known);
}

}  // namespace

void write(const MlpPredictor& predictor, model_file::ModelFile& file) {
    file.model = "mlp";
    file.model_version = version;
    file.roles = {"client", "server"};
    file.features.assign(learned::operation_input_names().begin(), learned::operation_input_names().end());
    file.engine.parameters = learned::engine_parameters(predictor.profile());
    file.tensors.clear();
    learned::write_physical_times(predictor.physical(), file);
    nlohmann::json parameters = {{"network_deviation", predictor.network_deviation()},
                                 {"correction_limit", correction_limit}};
    std::size_t members = 1;
    for (std::size_t t = 0; t < learned::layer_type_count; ++t) {
        const auto type = static_cast<LayerType>(t);
        const TypeNetworks& networks = predictor.networks()[t];
        if (!predictor.physical().knows(type)) {
            continue;
        }
        members = networks.members[0].size();
        learned::write_reach(std::string(learned::layer_type_name(type)), networks.reach, file);
        nlohmann::json hidden = nlohmann::json::array();
        const std::vector<DenseLayer>& first = networks.members[0].front();
        for (std::size_t layer = 0; layer + 1 < first.size(); ++layer) {
            hidden.push_back(first[layer].outputs);
        }
        parameters[hidden_key(type)] = hidden;
        for (std::size_t role = 0; role < role_names.size(); ++role) {
            for (std::size_t member = 0; member < members; ++member) {
                for (std::size_t layer = 0; layer < first.size(); ++layer) {
                    learned::write_layer(tensor_name(type, role, member, layer), networks.members[role][member][layer],
                                         file);
                }
            }
        }
    }
    parameters["members"] = members;
    file.parameters = std::move(parameters);
}

std::shared_ptr<const MlpPredictor> read(const model_file::ModelFile& file, const std::string& name) {
    learned::expect_model(file, "mlp", version, name);
    const protocol::EngineProfile profile = learned::engine_profile(file.engine, file.setting, name);
    const learned::PhysicalTimes physical = learned::read_physical_times(file, name);
    require_keys(file.parameters, physical, name);
    const double deviation = learned::read_number(file, "network_deviation", 0, most_deviation, name);
    learned::read_number(file, "correction_limit", correction_limit, correction_limit, name);
    const auto members = static_cast<std::size_t>(
        model_file::JsonFields(file.parameters, name, "parameters").integer("members", 1, most_members));
    std::array<TypeNetworks, learned::layer_type_count> networks;
    std::size_t tensors = tensors_of_physical_part();
    for (std::size_t t = 0; t < learned::layer_type_count; ++t) {
        const auto type = static_cast<LayerType>(t);
        if (!physical.knows(type)) {
            continue;
        }
        const std::vector<std::size_t> hidden = read_hidden(file.parameters, type, name);
        networks[t].reach = learned::read_reach(std::string(learned::layer_type_name(type)), file, name);
        tensors += learned::reach_tensor_count + 2 * role_names.size() * members * (hidden.size() + 1);
        for (std::size_t role = 0; role < role_names.size(); ++role) {
            for (std::size_t member = 0; member < members; ++member) {
                std::vector<DenseLayer>& layers = networks[t].members[role].emplace_back();
                std::size_t inputs = learned::operation_input_count;
                for (std::size_t layer = 0; layer <= hidden.size(); ++layer) {
                    const std::size_t outputs = layer < hidden.size() ? hidden[layer] : 1;
                    layers.push_back(
                        learned::read_layer(tensor_name(type, role, member, layer), inputs, outputs, file, name));
                    inputs = outputs;
                }
            }
        }
    }
    learned::refuse_other_tensors(file, tensors, name);
    return std::make_shared<MlpPredictor>(profile, physical, deviation, std::move(networks));
}

}  // namespace sotto::mlp
