// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "sotto/plugin.h"

#include "cost_models/training/training_set.hpp"

namespace sotto::training {

/// What lies between the two parties.
struct Link {
    double bandwidth_mbps = 0;  ///< of each direction, in 10^6 bits a second; infinity: on one machine
    double rtt_ms = 0;
};

/// The settings of the measurements: local, lan (7 Gbit/s, 0.5 ms round trip), wan (380 Mbit/s, 10 ms).
struct Setting {
    std::string_view name;
    Link link;
};
std::span<const Setting> settings();
/// Null for an unknown name.
const Setting* find_setting(std::string_view name);

/// A latency model that was fitted. Immutable; predict may be called from any thread.
class LatencyModel {
  public:
    virtual ~LatencyModel() = default;

    /// Times of every operation of one program, in execution order; `times` has the length of `program`. Finite, not
    /// negative. An operation of a kind that the model was not trained on: std::domain_error that names it.
    virtual void predict(std::span<const sotto_operation> program, std::span<RoleTimes> times) const = 0;

    /// One standard deviation of the error of the program's total as the slower party sees it, in milliseconds: what
    /// the model says of a network that it was not trained on. `times` is what predict gave. NaN where it does not say.
    virtual double total_deviation_ms(std::span<const sotto_operation> /*program*/,
                                      std::span<const RoleTimes> /*times*/) const {
        return std::numeric_limits<double>::quiet_NaN();
    }
};

/// What a model knows of a program.
struct KnownPart {
    std::vector<bool> is_known;     ///< of each operation: it is of a kind that the model was trained on
    double total_deviation_ms = 0;  ///< of the known operations' total, as LatencyModel::total_deviation_ms
};

/// Predicts the operations of kinds that the model was trained on, as if the program had no others; `times` of the
/// others become NaN.
KnownPart predict_known(const LatencyModel& model, std::span<const sotto_operation> program,
                        std::span<RoleTimes> times);

struct TrainingOptions {
    Setting setting;
    std::uint64_t seed = 1;  ///< same set, same seed, same options: same model to the last bit
    /// Asked between steps; true: stop, and throw Cancelled.
    std::function<bool()> is_cancelled;
    /// Calibration: the times were measured at the bit length of the model; else it may be found from them.
    bool is_bit_length_stated = false;
    /// False: the model may state no deviation of totals (NaN), where finding it costs trainings of its own.
    bool estimates_deviation = true;
    /// cross_validate tells it after each fold how many of how many are done, from any thread; no trainer calls it.
    std::function<void(std::size_t done, std::size_t count)> on_fold = {};
};

struct Cancelled {};

/// Fits one kind of model to measurements.
class LatencyTrainer {
  public:
    virtual ~LatencyTrainer() = default;

    /// `analytical`, `protocol`, `mlp`, `lstm`.
    virtual std::string_view id() const = 0;

    /// Fits to the times in `set` that are not NaN; operations whose times are NaN still count as having been executed.
    /// Every statistic (scaling, means, early stopping) is of those times alone. Throws std::invalid_argument where the
    /// set is too small. May be called from several threads at once.
    virtual std::unique_ptr<LatencyModel> train(const TrainingSet& set, const TrainingOptions& options) const = 0;
};

}  // namespace sotto::training
