// SPDX-License-Identifier: Apache-2.0
#include "tests/cost_models/learned/sample_models.hpp"

#include <cmath>
#include <map>

#include "engine/random/random.hpp"
#include "tests/cost_models/learned/sample_programs.hpp"

namespace sotto::sample {
namespace {

using learned::LayerType;

learned::DenseLayer layer(random::Stream& stream, std::size_t inputs, std::size_t outputs, bool has_bias = true) {
    learned::DenseLayer result{inputs, outputs, {}, std::vector<float>(outputs, 0.0F)};
    const double size = 1.5 / std::sqrt(static_cast<double>(inputs));
    for (std::size_t i = 0; i < inputs * outputs; ++i) {
        result.weights.push_back(static_cast<float>(size * (2 * stream.unit() - 1)));
    }
    for (float& value : result.bias) {
        value = has_bias ? static_cast<float>(0.2 * (2 * stream.unit() - 1)) : 0;
    }
    return result;
}

learned::PhysicalTimes physical() {
    learned::PhysicalTimes times;
    for (std::size_t t = 0; t < learned::layer_type_count; ++t) {
        times.set_known(static_cast<LayerType>(t));
        for (const training::Role role : {training::Role::client, training::Role::server}) {
            for (std::size_t term = 0; term < learned::own_term_count(static_cast<LayerType>(t)); ++term) {
                times.of(role).own[t][term] = term == 0 ? 3 : role == training::Role::client ? 2e-4 : 1e-4;
            }
            times.of(role).wait = {250, 1e-6, 0.9, 1e-5, 0, 0};
        }
    }
    return times;
}

std::array<learned::Reach, learned::layer_type_count> reach() {
    std::array<std::vector<std::vector<double>>, learned::layer_type_count> rows;
    for (const auto& program : programs(5, 6)) {
        for (const learned::Workload& work : learned::workloads(engine(), program)) {
            std::vector<double>& row = rows[static_cast<std::size_t>(work.type)].emplace_back(
                std::vector<double>(learned::operation_input_count));
            learned::operation_inputs(work, physical().own_ms(work), row);
        }
    }
    std::array<learned::Reach, learned::layer_type_count> result;
    for (std::size_t t = 0; t < result.size(); ++t) {
        result[t] = learned::Reach::of(rows[t]);
    }
    return result;
}

}  // namespace

std::shared_ptr<const mlp::MlpPredictor> mlp_predictor() {
    random::Stream stream(11, 0, 0, random::Purpose::test);
    std::array<mlp::TypeNetworks, learned::layer_type_count> networks;
    const auto reaches = reach();
    for (std::size_t t = 0; t < networks.size(); ++t) {
        networks[t].reach = reaches[t];
        for (auto& members : networks[t].members) {
            for (int member = 0; member < 2; ++member) {
                members.push_back(
                    {layer(stream, learned::operation_input_count, 9), layer(stream, 9, 5), layer(stream, 5, 1)});
            }
        }
    }
    return std::make_shared<mlp::MlpPredictor>(engine(), physical(), 0.05, std::move(networks));
}

std::shared_ptr<const lstm::LstmPredictor> lstm_predictor() {
    random::Stream stream(12, 0, 0, random::Purpose::test);
    const lstm::Architecture architecture{7, 6, {5, 4}};
    std::vector<std::vector<double>> rows;
    for (const auto& program : programs(5, 6)) {
        for (const learned::Workload& work : learned::workloads(engine(), program)) {
            lstm::network_inputs(work, physical().own_ms(work), true, rows.emplace_back());
        }
    }
    std::vector<lstm::Member> members;
    for (int i = 0; i < 2; ++i) {
        lstm::Member& member = members.emplace_back();
        member.embedding = layer(stream, lstm::input_count, architecture.embedding);
        member.gates_of_input = layer(stream, architecture.embedding, 4 * architecture.hidden);
        member.gates_of_hidden = layer(stream, architecture.hidden, 4 * architecture.hidden, false);
        std::size_t inputs = architecture.hidden + architecture.embedding;
        for (const std::size_t outputs : {architecture.dense[0], architecture.dense[1], std::size_t{2}}) {
            member.dense.push_back(layer(stream, inputs, outputs));
            inputs = outputs;
        }
    }
    return std::make_shared<lstm::LstmPredictor>(engine(), physical(), 0.05, architecture, true,
                                                 learned::InputScale::of(rows), std::move(members), reach());
}

model_file::ModelFile empty_file() {
    model_file::ModelFile file;
    file.setting = "lan";
    file.bandwidth_mbps = 7000;
    file.rtt_ms = 0.5;
    file.engine = {"opencheetah-2023", nlohmann::json::object()};
    file.data = {{"table.csv", "a table", 2, 6, 120, "00112233445566778899aabbccddeeff"}};
    file.split = "none";
    file.date = "2024-02-29";
    file.trained_with = "a test";
    return file;
}

}  // namespace sotto::sample
