// SPDX-License-Identifier: Apache-2.0
#include "cost_models/analytical/fit/analytical_trainer.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "cost_models/analytical/fit/linear_fit.hpp"
#include "cost_models/analytical/predictor.hpp"
#include "cost_models/analytical/shipped_models.hpp"
#include "cost_models/training/network_deviation.hpp"
#include "engine/input/input_error.hpp"

namespace sotto::analytical {
namespace {

using training::MeasuredNetwork;
using training::RoleTimes;
using training::TrainingSet;

constexpr std::string_view model_id = "analytical";

class AnalyticalModel : public training::LatencyModel {
  public:
    explicit AnalyticalModel(const Coefficients& coefficients)
        : coefficients_(coefficients), predictor_(coefficients) {}

    void predict(std::span<const sotto_operation> program, std::span<RoleTimes> times) const override {
        assert(program.size() == times.size());
        for (std::size_t i = 0; i < program.size(); ++i) {
            if (!predictor_.has_price(program[i])) {
                throw std::domain_error(predictor_.refusal(program[i], static_cast<std::uint32_t>(i)));
            }
            const Predictor::Times of_operation = predictor_.times(program[i]);
            times[i] = {of_operation.client_ms, of_operation.server_ms};
        }
    }

    double total_deviation_ms(std::span<const sotto_operation> /*program*/,
                              std::span<const RoleTimes> times) const override {
        RoleTimes total;
        for (const RoleTimes& of_operation : times) {
            total.client_ms += of_operation.client_ms;
            total.server_ms += of_operation.server_ms;
        }
        constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
        return coefficients_.network_deviation.value_or(not_known) * std::max(total.client_ms, total.server_ms);
    }

    const Coefficients& coefficients() const { return coefficients_; }

  private:
    Coefficients coefficients_;
    Predictor predictor_;
};

void add_rows(const MeasuredNetwork& network, std::size_t position, LayerType type, training::Role role,
              MeasuredRows& rows) {
    const FeatureValues values = feature_values(type, network.operations[position]);
    for (std::uint32_t run = 0; run < network.runs.size(); ++run) {
        const double time = network.runs[run][position].of(role);
        if (network.unresolved.contains({run, static_cast<std::uint32_t>(position), role})) {
            ++rows.left_out;
        } else if (!std::isnan(time)) {
            rows.features.push_back(values);
            rows.times_ms.push_back(time);
        }
    }
}

// The measured elementwise product is not among the published layer types: it is predicted, not fitted to.
bool is_fitted(const sotto_operation& operation) {
    return operation.kind != SOTTO_OPERATION_MULTIPLY && priced_as(operation.kind).has_value();
}

MeasuredRows rows_of(const TrainingSet& set, LayerType type, training::Role role) {
    MeasuredRows rows;
    for (const MeasuredNetwork& network : set) {
        for (std::size_t position = 0; position < network.operations.size(); ++position) {
            const sotto_operation& operation = network.operations[position];
            if (is_fitted(operation) && priced_as(operation.kind) == type) {
                add_rows(network, position, type, role, rows);
            }
        }
    }
    return rows;
}

class AnalyticalTrainer : public training::LatencyTrainer {
  public:
    std::string_view id() const override { return model_id; }

    std::unique_ptr<training::LatencyModel> train(const TrainingSet& set,
                                                  const training::TrainingOptions& options) const override {
        training::require_times_of_both_roles(set);
        Coefficients coefficients;
        bool is_empty = true;
        for (std::size_t i = 0; i < layer_type_count; ++i) {
            const auto type = static_cast<LayerType>(i);
            const MeasuredRows client = rows_of(set, type, training::Role::client);
            const MeasuredRows server = rows_of(set, type, training::Role::server);
            if (options.is_cancelled && options.is_cancelled()) {
                throw training::Cancelled{};
            }
            if (!client.times_ms.empty() && !server.times_ms.empty()) {
                coefficients.fit(Role::client, type) = fit_rows(type, client);
                coefficients.fit(Role::server, type) = fit_rows(type, server);
                is_empty = false;
            }
        }
        if (is_empty) {
            throw std::invalid_argument("analytical: found no time of a layer type that it knows");
        }
        if (options.estimates_deviation) {
            training::TrainingOptions silent = options;
            silent.estimates_deviation = false;
            const double deviation = training::network_deviation(set, *this, silent);
            if (!std::isnan(deviation)) {
                coefficients.network_deviation = deviation;
            }
        }
        return std::make_unique<AnalyticalModel>(coefficients);
    }
};

class TrainableAnalytical : public training::TrainableModel {
  public:
    std::string_view id() const override { return model_id; }

    std::unique_ptr<training::LatencyTrainer> trainer(const training::TrainerOptions& options) const override {
        if (options.tuning_trials > 0) {
            throw input::InputError({{},
                                     "analytical has nothing to tune",
                                     std::to_string(options.tuning_trials) + " trials",
                                     "no --tune",
                                     {}});
        }
        return std::make_unique<AnalyticalTrainer>();
    }

    void write(const training::LatencyModel& model, model_file::ModelFile& file) const override {
        write_coefficients(dynamic_cast<const AnalyticalModel&>(model).coefficients(), file);
    }

    std::unique_ptr<training::LatencyModel> read(const model_file::ModelFile& file,
                                                 const std::string& name) const override {
        return std::make_unique<AnalyticalModel>(read_coefficients(file, name));
    }

    std::span<const model_file::EmbeddedFile> shipped() const override { return shipped_models(); }
};

}  // namespace

const training::TrainableModel& trainable_model() {
    static const TrainableAnalytical model;
    return model;
}

}  // namespace sotto::analytical
