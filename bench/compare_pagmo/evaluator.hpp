// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bench/compare_pagmo/problem.hpp"
#include "search/pareto/archive.hpp"

namespace sotto::bench {

/// Answers an algorithm's candidates.
class Evaluator {
  public:
    explicit Evaluator(Problem& problem) : problem_(problem), penalty_(penalty(problem.reference())) {}
    virtual ~Evaluator() = default;

    Problem& problem() const noexcept { return problem_; }

    /// The objectives; the penalty for what is not valid.
    virtual Values evaluate(const search::Genome& genome) = 0;

  protected:
    /// False where the penalty was given.
    bool ask(const search::Genome& genome, Values& values) {
        const bool valid = problem_.evaluate(genome, values);
        values = valid ? values : penalty_;
        return valid;
    }

  private:
    Problem& problem_;
    Values penalty_;
};

/// Keeps the front of everything evaluated.
class FrontKeeper final : public Evaluator {
  public:
    explicit FrontKeeper(Problem& problem) : Evaluator(problem), front_(problem.objectives()) {}

    Values evaluate(const search::Genome& genome) override {
        Values values{};
        ++evaluations_;
        if (ask(genome, values)) {
            front_.add(evaluations_, std::span<const double>(values).first(problem().objectives()));
        } else {
            ++invalid_;
        }
        return values;
    }

    std::uint64_t evaluations() const noexcept { return evaluations_; }
    double invalid_share() const { return static_cast<double>(invalid_) / static_cast<double>(evaluations_); }
    double hypervolume() const { return front_.hypervolume(problem().reference()); }

  private:
    pareto::Archive front_;
    std::uint64_t evaluations_ = 0;
    std::uint64_t invalid_ = 0;
};

/// Evaluates at first, and after rewind() gives the same answers again in the same order, for nothing: so that what is
/// timed is the algorithm alone.
class Replay final : public Evaluator {
  public:
    using Evaluator::Evaluator;

    void rewind() {
        replays_ = true;
        next_ = 0;
    }

    Values evaluate(const search::Genome& genome) override {
        if (replays_) {
            return answers_.at(next_++);
        }
        ask(genome, answers_.emplace_back());
        return answers_.back();
    }

  private:
    std::vector<Values> answers_;
    std::size_t next_ = 0;
    bool replays_ = false;
};

}  // namespace sotto::bench
