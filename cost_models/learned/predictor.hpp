// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cost_models/learned/physical_times.hpp"
#include "cost_models/learned/workload.hpp"
#include "cost_models/training/latency_trainer.hpp"

namespace sotto::learned {

/// How far a prediction has come in one program. A copy goes on from there: a child that shares a prefix with its
/// parent starts at the copy.
struct Cursor {
    explicit Cursor(const protocol::EngineProfile& profile) : state(profile) {}

    ProgramState state;
    BothRoles previous_own_ms{};
    std::vector<float> hidden;  ///< of the recurrent network
    std::size_t position = 0;
    BothRoles total_ms{};
};

/// What was predicted of one program of several.
struct Outcome {
    BothRoles total_ms{};
    std::string refusal;  ///< not empty: there is no total, and why
};

/// A learned model: physical own times, corrected by a network, and waits. Immutable; any thread.
class Predictor {
  public:
    /// network_deviation: standard deviation of the relative error of a whole network's total.
    Predictor(const protocol::EngineProfile& profile, const PhysicalTimes& physical, double network_deviation)
        : profile_(profile), physical_(physical), network_deviation_(network_deviation) {}
    Predictor(const Predictor&) = delete;
    Predictor& operator=(const Predictor&) = delete;
    virtual ~Predictor() = default;

    const protocol::EngineProfile& profile() const noexcept { return profile_; }
    const PhysicalTimes& physical() const noexcept { return physical_; }
    double network_deviation() const noexcept { return network_deviation_; }

    Cursor start() const;

    /// Times of the next operation. Throws std::domain_error, naming it, for one that was not measured. The result is a
    /// function of the operations up to this one alone, to the last bit.
    training::RoleTimes step(const sotto_operation& operation, Cursor& cursor) const;

    /// The totals that step gives of each program, to the last bit, quicker: what programs have in common is computed
    /// once. interrupt is called every few milliseconds of work; what it throws ends the call.
    virtual void totals(std::span<const sotto_program* const> programs, std::span<Outcome> outcomes,
                        const std::function<void()>& interrupt) const = 0;

  protected:
    virtual std::size_t hidden_size() const noexcept { return 0; }
    /// Own times of an operation at its place. May advance cursor.hidden.
    virtual BothRoles own_ms(const sotto_operation& operation, const Workload& work, Cursor& cursor) const = 0;
    virtual BothRoles wait_ms(const OwnWorkload& work, const Place& place, const BothRoles& previous) const {
        return physical_.wait_ms(work, place, previous);
    }

  private:
    protocol::EngineProfile profile_;
    PhysicalTimes physical_;
    double network_deviation_;
};

/// A predictor as trainers and programs for models see it.
class PredictorModel : public training::LatencyModel {
  public:
    explicit PredictorModel(std::shared_ptr<const Predictor> predictor) : predictor_(std::move(predictor)) {}

    void predict(std::span<const sotto_operation> program, std::span<training::RoleTimes> times) const override;
    double total_deviation_ms(std::span<const sotto_operation> program,
                              std::span<const training::RoleTimes> times) const override;
    const Predictor& predictor() const noexcept { return *predictor_; }

  private:
    std::shared_ptr<const Predictor> predictor_;
};

}  // namespace sotto::learned
