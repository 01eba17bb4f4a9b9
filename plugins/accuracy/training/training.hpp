// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "plugins/accuracy/differentiable_network.hpp"
#include "plugins/accuracy/graph.hpp"
#include "plugins/accuracy/training/checkpoint.hpp"
#include "plugins/accuracy/training/data_set.hpp"
#include "plugins/accuracy/training/gradient_descent.hpp"
#include "plugins/accuracy/training/learning_rate.hpp"

namespace sotto::accuracy {

struct TrainingSettings {
    std::int64_t epochs = 1;  ///< that the learning rate takes to come down to 0
    std::int64_t batch =
        64;  ///< images a step, at most those to train on; the rest of an epoch that fills none is left out
    double learning_rate = 0.1;
    double warm_up = 0;  ///< in epochs
    DescentSettings descent;
    double label_smoothing = 0;  ///< share of the target that all classes have in equal parts
    Augmentation augmentation;
    std::int64_t patience = 0;           ///< epochs without a better validation accuracy after which it ends; 0: never
    bool normalize_convolutions = true;  ///< NetworkOptions::normalize_convolutions

    /// All of the above, for what identifies a training.
    std::string text() const;
};

/// The training of one candidate, epoch by epoch: minimises cross-entropy by GradientDescent. Its course is a function
/// of graph, seed, data and settings; images are drawn by counters, so that it goes on from a checkpoint as if it had
/// never stopped.
///
/// Layers that nothing normalises begin with channels of mean 0 and variance 1 over the first images (Krähenbühl,
/// Doersch, Donahue and Darrell, "Data-dependent initializations of convolutional neural networks", ICLR 2016, within
/// layers), as squares need that raise every scale to a power. Where a square reads such a layer or a normalisation,
/// directly or through layers that choose, join or average (pools, concatenation, flattening, padding, identity), that
/// one begins with mean 1 and deviation 1/10, where a square is nearly linear. About 0 it makes c^2 of the correlation
/// c of two images, and of a value that is ten deviations off one that is seventy off: after a few squares no image is
/// like another, and nothing is learned. Not through an addition: of a residual block's operands one is mostly what
/// came into the block, which other layers read too. What is added begins as if no square read the sum.
///
/// One object belongs to one thread, which has called use_one_thread(). Throws CandidateError with SOTTO_CANCELLED once
/// `host`, which may be null, says stop: the object is then of no more use.
class Training {
  public:
    /// `graph` takes the data set's images, has weights and gives at least as many numbers as there are classes.
    Training(const Graph& graph, std::uint64_t seed, const DataSet& data, const TrainingSettings& settings,
             const sotto_host* host);

    /// Every epoch is trained, patience has run out, or a loss or gradient was not finite.
    bool ended() const;
    /// Must not have ended.
    void run_epoch();

    const std::vector<EpochRecord>& epochs() const noexcept { return epochs_; }
    /// Of the network after the first of the epochs with the best validation accuracy; without an epoch, of the
    /// untrained network. An image whose outputs are not all numbers is not recognised.
    double best_validation_accuracy();
    double best_test_accuracy();

    /// What it goes on from, in three copies of the weights, and the way back, which takes them over; `answers` and
    /// `identity` are the caller's. restore() throws input::InputError under `name` where the tensors are not those of
    /// this network.
    Checkpoint state() const;
    void restore(Checkpoint checkpoint, const std::string& name);

  private:
    void scale_weights();
    std::unique_lock<std::mutex> lock_for_batch() const;
    std::size_t best_epoch() const;
    at::Tensor batch_of(const ImageData& images, std::span<const std::uint32_t> numbers,
                        std::span<const Displacement> displacements) const;
    double accuracy(const ImageData& images, std::span<const std::uint32_t> numbers);
    /// Parameters and running statistics: what inference needs.
    std::vector<at::Tensor> network_tensors() const;
    std::vector<std::vector<float>> network_values() const;
    template <typename Measure>
    double with_best(Measure measure);

    std::uint64_t seed_;
    const DataSet& data_;
    TrainingSettings settings_;
    const sotto_host* host_;
    DifferentiableNetwork network_;
    GradientDescent descent_;
    std::int64_t steps_ = 1;  ///< of an epoch
    LearningRateSchedule schedule_;
    std::vector<EpochRecord> epochs_;
    bool diverged_ = false;
    std::vector<std::vector<float>> best_;  ///< network_values() after the best epoch
};

}  // namespace sotto::accuracy
