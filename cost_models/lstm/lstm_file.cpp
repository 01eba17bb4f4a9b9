// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "cost_models/learned/engine_choice.hpp"
#include "cost_models/learned/physical_file.hpp"
#include "cost_models/lstm/lstm_predictor.hpp"
#include "cost_models/model_file/json_fields.hpp"

namespace sotto::lstm {

namespace {

constexpr std::int64_t version = 1;
constexpr std::int64_t most_members = 16;
constexpr std::int64_t most_neurons = 512;
constexpr std::size_t most_dense_layers = 20;
constexpr double most_deviation = 10;
constexpr std::size_t physical_tensors = 5;
constexpr std::size_t scale_tensors = 2;

std::size_t size_of(const model_file::JsonFields& fields, const std::string& key, std::int64_t most) {
    return static_cast<std::size_t>(fields.integer(key, 1, most));
}

Architecture read_architecture(const model_file::JsonFields& fields) {
    Architecture architecture;
    architecture.embedding = size_of(fields, "embedding", most_neurons);
    architecture.hidden = size_of(fields, "hidden", most_neurons);
    const std::vector<std::int64_t> dense = fields.integers("dense", 1, most_dense_layers, 1, most_neurons);
    architecture.dense.assign(dense.begin(), dense.end());
    return architecture;
}

}  // namespace

void write(const LstmPredictor& predictor, model_file::ModelFile& file) {
    file.model = "lstm";
    file.model_version = version;
    file.roles = {"client", "server"};
    file.features.assign(learned::operation_input_names().begin(), learned::operation_input_names().end());
    file.features.insert(file.features.end(), learned::place_input_names().begin(), learned::place_input_names().end());
    file.engine.parameters = learned::engine_parameters(predictor.profile());
    const Architecture& architecture = predictor.architecture();
    file.parameters = {{"network_deviation", predictor.network_deviation()},
                       {"correction_limit", correction_limit},
                       {"sees_pool", predictor.sees_pool() ? 1 : 0},
                       {"members", predictor.members().size()},
                       {"embedding", architecture.embedding},
                       {"hidden", architecture.hidden},
                       {"dense", architecture.dense}};
    file.tensors.clear();
    learned::write_physical_times(predictor.physical(), file);
    learned::write_scale("inputs", predictor.scale(), file);
    for (std::size_t t = 0; t < learned::layer_type_count; ++t) {
        const auto type = static_cast<learned::LayerType>(t);
        if (predictor.physical().knows(type)) {
            learned::write_reach(std::string(learned::layer_type_name(type)), predictor.reach()[t], file);
        }
    }
    for (std::size_t m = 0; m < predictor.members().size(); ++m) {
        const Member& member = predictor.members()[m];
        const std::string prefix = std::to_string(m) + '.';
        learned::write_layer(prefix + "embedding", member.embedding, file);
        learned::write_layer(prefix + "gates_of_input", member.gates_of_input, file);
        learned::write_layer(prefix + "gates_of_hidden", member.gates_of_hidden, file);
        for (std::size_t layer = 0; layer < member.dense.size(); ++layer) {
            learned::write_layer(prefix + "dense." + std::to_string(layer), member.dense[layer], file);
        }
    }
}

std::shared_ptr<const LstmPredictor> read(const model_file::ModelFile& file, const std::string& name) {
    learned::expect_model(file, "lstm", version, name);
    const protocol::EngineProfile profile = learned::engine_profile(file.engine, file.setting, name);
    const learned::PhysicalTimes physical = learned::read_physical_times(file, name);
    const double deviation = learned::read_number(file, "network_deviation", 0, most_deviation, name);
    learned::read_number(file, "correction_limit", correction_limit, correction_limit, name);
    const model_file::JsonFields fields(file.parameters, name, "parameters");
    static constexpr std::array<std::string_view, 7> keys = {
        "network_deviation", "correction_limit", "sees_pool", "members", "embedding", "hidden", "dense"};
    fields.require_keys(keys);
    const bool sees_pool = fields.integer("sees_pool", 0, 1) == 1;
    const std::size_t member_count = size_of(fields, "members", most_members);
    const Architecture architecture = read_architecture(fields);
    learned::InputScale scale = learned::read_scale("inputs", input_count, file, name);
    std::array<learned::Reach, learned::layer_type_count> reach;
    std::size_t tensors = physical_tensors + scale_tensors;
    for (std::size_t t = 0; t < learned::layer_type_count; ++t) {
        const auto type = static_cast<learned::LayerType>(t);
        if (physical.knows(type)) {
            reach[t] = learned::read_reach(std::string(learned::layer_type_name(type)), file, name);
            tensors += learned::reach_tensor_count;
        }
    }
    std::vector<Member> members;
    for (std::size_t m = 0; m < member_count; ++m) {
        const std::string prefix = std::to_string(m) + '.';
        Member& member = members.emplace_back();
        member.embedding = learned::read_layer(prefix + "embedding", input_count, architecture.embedding, file, name);
        member.gates_of_input =
            learned::read_layer(prefix + "gates_of_input", architecture.embedding, 4 * architecture.hidden, file, name);
        member.gates_of_hidden =
            learned::read_layer(prefix + "gates_of_hidden", architecture.hidden, 4 * architecture.hidden, file, name);
        std::size_t inputs = architecture.hidden + architecture.embedding;
        for (std::size_t layer = 0; layer <= architecture.dense.size(); ++layer) {
            const std::size_t outputs =
                layer < architecture.dense.size() ? architecture.dense[layer] : training::role_count;
            member.dense.push_back(
                learned::read_layer(prefix + "dense." + std::to_string(layer), inputs, outputs, file, name));
            inputs = outputs;
        }
    }
    learned::refuse_other_tensors(file, tensors + member_count * 2 * (3 + architecture.dense.size() + 1), name);
    return std::make_shared<LstmPredictor>(profile, physical, deviation, architecture, sees_pool, std::move(scale),
                                           std::move(members), std::move(reach));
}

}  // namespace sotto::lstm
