// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "cost_models/training/latency_trainer.hpp"

namespace sotto::report {

/// What CachedTrainer throws where it may not train.
struct NotCached {};

/// How many models came out of the cache and how many were trained.
struct CacheCounts {
    std::atomic<std::size_t> reused = 0;
    std::atomic<std::size_t> trained = 0;
    std::atomic<std::size_t> damaged = 0;   ///< files that could not be read; their models were trained again
    std::atomic<std::size_t> not_kept = 0;  ///< files that could not be written
};

/// Where predictions of trained models are kept.
struct PredictionCache {
    std::filesystem::path directory;  ///< empty: nothing is kept
    std::string code_version;         ///< of everything that decides what a trained model predicts
    CacheCounts counts;
};

/// A trainer that trains only if the cache does not hold what the model is asked. A model is known by the times it may
/// see, the operations, the setting, the seed, `trainer_options` and the version of the code; predictions are those of
/// the trained model to the last bit. Threads as the trainer it wraps, which has to outlive it, as has the cache.
class CachedTrainer : public training::LatencyTrainer {
  public:
    CachedTrainer(const training::LatencyTrainer& trainer, std::string trainer_options, bool may_train,
                  PredictionCache& cache);

    std::string_view id() const override { return trainer_.id(); }

    /// Throws NotCached where nothing is known of this model and it may not train.
    std::unique_ptr<training::LatencyModel> train(const training::TrainingSet& set,
                                                  const training::TrainingOptions& options) const override;

  private:
    const training::LatencyTrainer& trainer_;
    std::string trainer_options_;
    bool may_train_;
    PredictionCache& cache_;
};

}  // namespace sotto::report
