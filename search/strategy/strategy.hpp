// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "search/space/genome.hpp"
#include "search/strategy/variation.hpp"

namespace sotto::search {

inline constexpr std::size_t maximum_objectives = 4;

/// What a strategy is told of a candidate. Objectives are all to be minimised: the caller negates what is to be
/// maximised.
struct Outcome {
    bool evaluated = false;  ///< false: no score (unsupported, failed); the objectives mean nothing
    double constraint_violation =
        0;  ///< 0: keeps all constraints; else how far it breaks them (sum of relative excesses)
    std::array<double, maximum_objectives> objectives{};
};

/// Ask / tell. The caller asks for a generation, evaluates it in any order on any number of threads, and tells the
/// outcomes in the order asked. All state is a function of the seed and of what was told, so replaying the same
/// outcomes restores the strategy exactly. Not thread-safe.
class Strategy {
  public:
    virtual ~Strategy() = default;

    virtual std::string_view name() const = 0;

    /// The next genomes to evaluate: at most `most`, at least one; fewer than `most` where the generation is smaller;
    /// empty only where the space is exhausted. The view is valid until the next ask. Throws std::logic_error where the
    /// last ask was not told.
    virtual std::span<const Genome> ask(std::size_t most) = 0;

    /// One outcome per genome of the last ask, in that order. Throws std::logic_error for another count,
    /// std::invalid_argument for a non-finite objective of an evaluated candidate.
    virtual void tell(std::span<const Outcome> outcomes) = 0;

    /// Generations told so far.
    virtual std::uint32_t generation() const = 0;
};

struct StrategyOptions {
    std::size_t objectives = 2;
    std::size_t population = 100;
    double crossover_probability = 0.9;
    std::uint64_t seed = 1;
    std::vector<Genome> initial;  ///< first members of generation 0 (the baseline, warm starts)
};

/// `nsga2` or `random`. Throws std::invalid_argument for another name. `variation` must outlive the strategy.
std::unique_ptr<Strategy> make_strategy(std::string_view name, const Variation& variation, StrategyOptions options);
std::span<const std::string_view> strategy_names();

}  // namespace sotto::search
