// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/plugin/learned_cost_model.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "engine/input/input_error.hpp"

namespace sotto::learned {
namespace {

using model_file::Choice;

constexpr std::size_t metric_count = 3;

void write_metrics(const BothRoles& total_ms, sdk::Values metrics) {
    metrics[0] = total_ms[0];
    metrics[1] = total_ms[1];
    metrics[2] = std::max(total_ms[0], total_ms[1]);
}

sdk::Metric metric(const std::string& name, const std::string& description) {
    return {name, "ms", description, SOTTO_DIRECTION_MINIMIZE, SOTTO_METRIC_NON_NEGATIVE | SOTTO_METRIC_SUM};
}

training::RoleTimes step(const Predictor& predictor, const sotto_operation& operation, Cursor& cursor) {
    try {
        return predictor.step(operation, cursor);
    } catch (const std::domain_error& refusal) {
        throw sdk::Unsupported(refusal.what());
    }
}

// Where a candidate stood at some of its operations, so that a child goes on from the last one it shares.
class Places : public sdk::ChildState {
  public:
    static constexpr std::size_t interval = 8;

    std::vector<std::shared_ptr<const Cursor>> cursors;  // before operations interval, 2 interval, ...
};

}  // namespace

sdk::Declaration LearnedCostModel::declaration(const std::string& id, const std::string& description,
                                               double typical_cost_us) {
    sdk::Declaration declaration;
    declaration.id = id;
    declaration.version = "1.1.0";
    declaration.description = description;
    declaration.metrics = {
        metric("latency.client_ms", "time the client takes, waiting for the server included"),
        metric("latency.server_ms", "time the server takes, waiting for the client included"),
        metric("latency.total_ms", "the larger of client and server time"),
    };
    declaration.parameters = {
        sdk::Parameter::text(Choice::setting_name, Choice::setting_help, Choice::setting_default,
                             {model_file::setting_names.begin(), model_file::setting_names.end()}),
        sdk::Parameter::text(Choice::engine_name, Choice::engine_help, Choice::engine_default),
        sdk::Parameter::text(Choice::file_name, Choice::file_help, Choice::file_default),
    };
    declaration.thread_level = SOTTO_THREADS_SHARED;
    declaration.typical_cost_us = typical_cost_us;
    declaration.preferred_batch = 128;
    declaration.operation_kinds = {
        SOTTO_OPERATION_CONVOLUTION, SOTTO_OPERATION_RELU,
        SOTTO_OPERATION_MAX_POOL,    SOTTO_OPERATION_AVERAGE_POOL,
        SOTTO_OPERATION_TRUNCATION,  SOTTO_OPERATION_BATCH_NORMALIZATION,
        SOTTO_OPERATION_MULTIPLY,    SOTTO_OPERATION_FULLY_CONNECTED,
    };
    return declaration;
}

model_file::OpenedModel LearnedCostModel::open(std::string_view id, const sdk::Arguments& arguments,
                                               std::span<const model_file::EmbeddedFile> shipped) {
    Choice choice;
    for (const char* const parameter : {Choice::setting_name, Choice::engine_name, Choice::file_name}) {
        choice.set(parameter, arguments.text(parameter));
    }
    try {
        return model_file::open_model(id, choice, shipped);
    } catch (const input::InputError& error) {
        throw sdk::InvalidArgument(error.what());
    }
}

Cursor LearnedCostModel::predict(const sdk::Candidate& candidate) const {
    Cursor cursor = predictor_->start();
    for (const sotto_operation& operation : candidate.operations()) {
        step(*predictor_, operation, cursor);
    }
    return cursor;
}

void LearnedCostModel::evaluate_batch(const sdk::Batch& batch) {
    static constexpr sotto_program empty = {sizeof empty, sizeof(sotto_operation), 0, 0, nullptr};
    std::vector<const sotto_program*> programs(batch.size());
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
        // A candidate without a program is refused by score.
        const sotto_program* const program = batch.candidate(i).flat().program;
        programs[i] = program == nullptr ? &empty : program;
    }
    std::vector<Outcome> outcomes(batch.size());
    predictor_->totals(programs, outcomes, [this] { host_.stop_if_cancelled(); });
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
        batch.score(i, [&](const sdk::Candidate&, sdk::Values metrics) {
            if (!outcomes[i].refusal.empty()) {
                throw sdk::Unsupported(outcomes[i].refusal);
            }
            write_metrics(outcomes[i].total_ms, metrics);
        });
    }
}

void LearnedCostModel::evaluate_operations(const sdk::Candidate& candidate, sdk::Values metrics,
                                           sdk::OperationValues values) {
    Cursor cursor = predictor_->start();
    std::uint32_t index = 0;
    for (const sotto_operation& operation : candidate.operations()) {
        const training::RoleTimes times = step(*predictor_, operation, cursor);
        values[index][0] = times.client_ms;
        values[index][1] = times.server_ms;
        ++index;
    }
    const std::size_t slower = cursor.total_ms[0] >= cursor.total_ms[1] ? 0 : 1;
    for (std::uint32_t i = 0; i < index; ++i) {
        values[i][metric_count - 1] = values[i][slower];
    }
    write_metrics(cursor.total_ms, metrics);
}

void LearnedCostModel::evaluate_uncertainty(const sdk::Candidate& candidate, sdk::Values deviations) {
    write_metrics(predict(candidate).total_ms, deviations);
    for (double& deviation : deviations) {
        deviation *= predictor_->network_deviation();
    }
}

std::unique_ptr<sdk::ChildState> LearnedCostModel::evaluate_child(const sdk::Candidate& candidate,
                                                                  const sdk::Prefix* prefix, sdk::Values metrics,
                                                                  bool keeps) {
    auto places = std::make_unique<Places>();
    Cursor cursor = predictor_->start();
    if (prefix != nullptr) {
        const auto& parent = dynamic_cast<const Places&>(prefix->parent).cursors;
        const std::size_t shared = std::min<std::size_t>(prefix->operations / Places::interval, parent.size());
        places->cursors.assign(parent.begin(), parent.begin() + static_cast<std::ptrdiff_t>(shared));
        if (shared > 0) {
            cursor = *places->cursors.back();
        }
    }
    const sdk::Operations operations = candidate.operations();
    for (std::uint32_t i = static_cast<std::uint32_t>(cursor.position); i < operations.size(); ++i) {
        if (keeps && i > 0 && i % Places::interval == 0 && places->cursors.size() < i / Places::interval) {
            places->cursors.push_back(std::make_shared<const Cursor>(cursor));
        }
        step(*predictor_, operations[i], cursor);
    }
    write_metrics(cursor.total_ms, metrics);
    return places;
}

}  // namespace sotto::learned
