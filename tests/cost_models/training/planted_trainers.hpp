// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "cost_models/training/latency_trainer.hpp"

namespace sotto::test {

/// A model that answers by a function of the operation.
class FunctionModel : public training::LatencyModel {
  public:
    using Function = std::function<training::RoleTimes(const sotto_operation&)>;

    explicit FunctionModel(Function function) : function_(std::move(function)) {}

    void predict(std::span<const sotto_operation> program, std::span<training::RoleTimes> times) const override {
        for (std::size_t i = 0; i < program.size(); ++i) {
            times[i] = function_(program[i]);
        }
    }

  private:
    Function function_;
};

/// A trainer that makes such models.
class FunctionTrainer : public training::LatencyTrainer {
  public:
    using Fit = std::function<FunctionModel::Function(const training::TrainingSet&)>;

    explicit FunctionTrainer(Fit fit) : fit_(std::move(fit)) {}

    std::string_view id() const override { return "planted"; }
    std::unique_ptr<training::LatencyModel> train(const training::TrainingSet& set,
                                                  const training::TrainingOptions& /*options*/) const override {
        ++trainings;
        return std::make_unique<FunctionModel>(fit_(set));
    }

    mutable std::atomic<int> trainings = 0;

  private:
    Fit fit_;
};

}  // namespace sotto::test
