// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "cost_models/training/latency_trainer.hpp"

namespace sotto::test {

/// A model that answers by a function of the operation.
class FunctionModel : public training::LatencyModel {
  public:
    using Function = std::function<training::RoleTimes(const sotto_operation&)>;

    explicit FunctionModel(Function function, double relative_deviation = std::numeric_limits<double>::quiet_NaN())
        : function_(std::move(function)), relative_deviation_(relative_deviation) {}

    void predict(std::span<const sotto_operation> program, std::span<training::RoleTimes> times) const override {
        for (std::size_t i = 0; i < program.size(); ++i) {
            times[i] = function_(program[i]);
        }
    }

    double total_deviation_ms(std::span<const sotto_operation> /*program*/,
                              std::span<const training::RoleTimes> times) const override {
        training::RoleTimes total;
        for (const training::RoleTimes& of_operation : times) {
            total.client_ms += of_operation.client_ms;
            total.server_ms += of_operation.server_ms;
        }
        return relative_deviation_ * std::max(total.client_ms, total.server_ms);
    }

  private:
    Function function_;
    double relative_deviation_;
};

/// A trainer that makes such models.
class FunctionTrainer : public training::LatencyTrainer {
  public:
    using Fit = std::function<FunctionModel::Function(const training::TrainingSet&)>;

    explicit FunctionTrainer(Fit fit, double relative_deviation = std::numeric_limits<double>::quiet_NaN())
        : fit_(std::move(fit)), relative_deviation_(relative_deviation) {}

    std::string_view id() const override { return "planted"; }
    std::unique_ptr<training::LatencyModel> train(const training::TrainingSet& set,
                                                  const training::TrainingOptions& /*options*/) const override {
        ++trainings;
        return std::make_unique<FunctionModel>(fit_(set), relative_deviation_);
    }

    mutable std::atomic<int> trainings = 0;

  private:
    Fit fit_;
    double relative_deviation_;
};

}  // namespace sotto::test
