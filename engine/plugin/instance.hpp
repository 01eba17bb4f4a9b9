// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sotto/plugin.h"

#include "engine/arch/network.hpp"
#include "engine/plugin/description.hpp"
#include "engine/secure/secure_program.hpp"

namespace sotto::plugin {

/// The flat form of one candidate that crosses the border. Reusable: set() keeps storage. Pointers inside view() are
/// valid until the next set() or the end of this object; not movable while viewed.
class CandidateView {
  public:
    CandidateView() = default;
    CandidateView(const CandidateView&) = delete;
    CandidateView& operator=(const CandidateView&) = delete;

    /// Either pointer may be null where nobody needs it.
    void set(std::uint64_t seed, const arch::Network* network, const secure::SecureProgram* program);
    /// Makes this a view of flat arrays that lie elsewhere and outlive it. Either pointer may be null; the structs they
    /// point to are copied, the arrays are not.
    void refer(std::uint64_t seed, const sotto_network* network, const sotto_program* program);
    const sotto_candidate& view() const noexcept { return candidate_; }

  private:
    std::vector<sotto_layer> layers_;
    std::vector<std::uint32_t> operands_;
    std::vector<sotto_operation> operations_;
    sotto_network network_{};
    sotto_program program_{};
    sotto_candidate candidate_{};
};

/// What a plug-in said of one candidate.
struct Score {
    enum class Status : std::uint8_t { ok, unsupported, failed, cancelled };

    Status status = Status::failed;
    std::string reason;           ///< where not ok; for `failed` it names the plug-in
    std::vector<double> metrics;  ///< in descriptor order; empty where not ok
};

/// An instance of a plug-in, guarded, wherever its code runs: every result is checked (complete, finite, non-negative
/// where declared), and no fault of the plug-in gets out but as a Score. Threads: evaluate() may run at once on one
/// Instance where describe().thread_level is `shared`, else one call at a time (level `none`: one call at a time over
/// all instances of the library; the caller sees to it).
class Instance {
  public:
    virtual ~Instance() = default;
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    const Description& describe() const noexcept { return description_; }

    /// Scores candidates[i] into scores[i]; the spans have equal length, storage in `scores` is reused. Never throws
    /// for what the plug-in does: its faults become Status::failed with plug-in and reason. Where a whole batch fails,
    /// each candidate is tried alone, so that a fault falls on the candidate that caused it whatever it was batched
    /// with.
    virtual void evaluate(std::span<const CandidateView* const> candidates, std::span<Score> scores) const = 0;

    /// Values of every operation of the program, [operation][metric], or empty where the plug-in does not offer them.
    /// Throws PluginError where it fails.
    virtual std::vector<double> per_operation(const CandidateView& candidate) const = 0;

    /// One standard deviation of the error of each metric, or empty where the plug-in does not offer them. Throws
    /// PluginError where it fails.
    virtual std::vector<double> standard_deviations(const CandidateView& candidate) const = 0;

  protected:
    explicit Instance(Description description);

    /// What is wrong with the metrics of a score, one for each that is declared; empty where nothing is.
    std::string fault_of(std::span<const double> metrics) const;
    /// Throws PluginError where one of the standard deviations is not finite, negative or missing.
    void require_deviations(std::span<const double> deviations) const;
    /// Makes `score` a failure: `reason` after the name of the plug-in.
    void fail(Score& score, const std::string& reason) const;
    /// How errors name this plug-in.
    const std::string& subject() const noexcept { return subject_; }

  private:
    Description description_;
    std::string subject_;
};

}  // namespace sotto::plugin
