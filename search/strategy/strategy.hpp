// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "search/space/genome.hpp"
#include "search/strategy/variation.hpp"

namespace sotto::search {

inline constexpr std::size_t maximum_objectives = 4;

class Insight;

/// What a strategy is told of a candidate. Objectives are all to be minimised: the caller negates what is to be
/// maximised.
struct Outcome {
    bool evaluated = false;  ///< false: no score (unsupported, failed); nothing else is read
    /// 0: keeps all constraints; else how far it breaks them (sum of relative excesses), finite, and the objectives are
    /// not read.
    double constraint_violation = 0;
    std::array<double, maximum_objectives> objectives{};  ///< the first StrategyOptions::objectives, all finite
};

/// What one way of making candidates has achieved so far.
struct OperatorCredit {
    std::string_view name;        ///< as Strategy::origin gives it; static storage
    double probability = 0;       ///< with which it makes the next candidate
    std::uint64_t children = 0;   ///< candidates it made that were told
    std::uint64_t successes = 0;  ///< those among them that the strategy kept
};

/// Ask / tell. The caller asks for a generation, evaluates it in any order on any number of threads, and tells the
/// outcomes in the order asked. All state is a function of the options, of the numbers asked for and of what was told,
/// so replaying the same calls restores the strategy exactly. No genome is asked twice. Not thread-safe.
class Strategy {
  public:
    /// Whether it reads StrategyOptions::insight. A strategy that does hides this by one of its own.
    static constexpr bool uses_insight = false;

    virtual ~Strategy() = default;

    virtual std::string_view name() const = 0;

    /// The next genomes to evaluate: at most `most`, at least one; fewer than `most` where the generation is smaller;
    /// empty only where the space is exhausted, which is where 16,384 draws in a row give nothing but genomes asked
    /// before. The view is valid until the next ask. Throws std::logic_error where the last ask was not told (an empty
    /// one needs no tell), std::invalid_argument for `most` = 0, and NoValidGenome where the variation gives no genome
    /// at all.
    virtual std::span<const Genome> ask(std::size_t most) = 0;

    /// How candidate `index` of the last ask came up: `initial` (given at the start), `sample`, or the operator that
    /// made it. Static storage.
    virtual std::string_view origin(std::size_t index) const = 0;

    /// One outcome per genome of the last ask, in that order. Throws std::logic_error for another count,
    /// std::invalid_argument for a non-finite objective of a candidate that is evaluated and keeps the constraints and
    /// for a violation that is negative or not finite; the strategy then waits for another tell.
    virtual void tell(std::span<const Outcome> outcomes) = 0;

    /// Generations told so far.
    virtual std::uint32_t generation() const = 0;

    /// The operators that adapt, in a fixed order; empty where none does.
    virtual std::vector<OperatorCredit> credit() const { return {}; }
};

/// Calls body(item) once for every item 0 .. count - 1, in any order and several at once, and returns when all are
/// done.
using ParallelFor = std::function<void(std::size_t count, const std::function<void(std::size_t item)>& body)>;

struct StrategyOptions {
    std::size_t objectives = 2;          ///< 1 .. maximum_objectives
    std::size_t population = 100;        ///< members kept, and candidates of a generation; at least 1
    double crossover_probability = 0.9;  ///< else a child is a mutant of one parent
    double mutation_probability =
        0.5;  ///< that a child of a crossover is mutated too; a mutant of one parent always is
    std::uint64_t seed = 1;
    /// First members of generation 0, in order (the baseline, warm starts); those that a small generation has no room
    /// for lead the next. One that stands twice is asked once.
    std::vector<Genome> initial;
    /// What a strategy with `uses_insight` learns from and aims by beside the genes; must outlive the strategy. Null:
    /// genes alone.
    Insight* insight = nullptr;
    /// Threads that the strategy may use while it is asked. Null: the caller's alone. Changes nothing but the time.
    ParallelFor parallel_for;
};

/// `nsga2`, `ageing`, `local`, `guided` or `random`; each is described in its header. Throws
/// std::invalid_argument for another name, with the known ones, and for options out of range. `variation` must outlive
/// the strategy.
std::unique_ptr<Strategy> make_strategy(std::string_view name, const Variation& variation, StrategyOptions options);
std::span<const std::string_view> strategy_names();

/// Whether a strategy reads StrategyOptions::insight, so that one need not be made for the others. Throws as
/// make_strategy for an unknown name.
bool strategy_uses_insight(std::string_view name);

}  // namespace sotto::search
