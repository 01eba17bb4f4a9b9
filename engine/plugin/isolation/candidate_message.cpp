// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/isolation/candidate_message.hpp"

namespace sotto::plugin::isolation {
namespace {

constexpr std::uint32_t has_network = 1;
constexpr std::uint32_t has_program = 2;

template <typename Struct>
void require_size(MessageReader& message) {
    const auto size = message.number<std::uint32_t>();
    if (size != sizeof(Struct)) {
        throw ProtocolError("found structs of " + std::to_string(size) + " bytes, expected " +
                            std::to_string(sizeof(Struct)));
    }
}

void require(bool holds, const char* what) {
    if (!holds) {
        throw ProtocolError(what);
    }
}

}  // namespace

void write(MessageWriter& message, const CandidateView& candidate) {
    const sotto_candidate& view = candidate.view();
    message.number(view.seed);
    message.number((view.network != nullptr ? has_network : 0) | (view.program != nullptr ? has_program : 0));
    if (view.network != nullptr) {
        message.number(static_cast<std::uint32_t>(sizeof(sotto_layer)));
        message.number(view.network->output_layer);
        message.list(view.network->layers, view.network->layer_count);
        message.list(view.network->operand_layers, view.network->operand_count);
    }
    if (view.program != nullptr) {
        message.number(static_cast<std::uint32_t>(sizeof(sotto_operation)));
        message.list(view.program->operations, view.program->operation_count);
    }
}

void read_candidate(MessageReader& message, CandidateView& candidate) {
    const auto seed = message.number<std::uint64_t>();
    const std::uint32_t views = message.count(has_network | has_program);
    sotto_network network{};
    sotto_program program{};
    if ((views & has_network) != 0) {
        require_size<sotto_layer>(message);
        const auto output = message.number<std::uint32_t>();
        const auto layers = message.list<sotto_layer>();
        const auto operands = message.list<std::uint32_t>();
        require(output < layers.size(), "found an output that is no layer");
        for (const sotto_layer& layer : layers) {
            require(
                layer.first_operand <= operands.size() && layer.operand_count <= operands.size() - layer.first_operand,
                "found a layer with operands that are not there");
        }
        for (const std::uint32_t operand : operands) {
            require(operand < layers.size(), "found an operand that is no layer");
        }
        network = {sizeof(sotto_network),
                   sizeof(sotto_layer),
                   static_cast<std::uint32_t>(layers.size()),
                   static_cast<std::uint32_t>(operands.size()),
                   output,
                   0,
                   layers.data(),
                   operands.empty() ? nullptr : operands.data()};
    }
    if ((views & has_program) != 0) {
        require_size<sotto_operation>(message);
        const auto operations = message.list<sotto_operation>();
        program = {sizeof(sotto_program), sizeof(sotto_operation), static_cast<std::uint32_t>(operations.size()), 0,
                   operations.empty() ? nullptr : operations.data()};
    }
    candidate.refer(seed, (views & has_network) != 0 ? &network : nullptr,
                    (views & has_program) != 0 ? &program : nullptr);
}

void write(MessageWriter& message, const Score& score) {
    message.number(static_cast<std::uint32_t>(score.status));
    message.text(score.reason);
    message.list(score.metrics.data(), static_cast<std::uint32_t>(score.metrics.size()));
}

void read_score(MessageReader& message, std::size_t metric_count, Score& score) {
    score.status = static_cast<Score::Status>(message.count(static_cast<std::uint32_t>(Score::Status::cancelled)));
    score.reason = message.text();
    const auto metrics = message.list<double>();
    require(metrics.size() == (score.status == Score::Status::ok ? metric_count : 0),
            "found a score with another number of metrics than declared");
    score.metrics.assign(metrics.begin(), metrics.end());
}

}  // namespace sotto::plugin::isolation
