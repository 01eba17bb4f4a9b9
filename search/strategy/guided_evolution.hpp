// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "search/pareto/archive.hpp"
#include "search/strategy/aimed_changes.hpp"
#include "search/strategy/generational_strategy.hpp"
#include "search/strategy/genome_features.hpp"
#include "search/strategy/genome_set.hpp"
#include "search/strategy/linear_surrogate.hpp"
#include "search/strategy/operator_selection.hpp"
#include "search/strategy/survivor_selection.hpp"

namespace sotto::search {

/// Sotto's own strategy: an elitist population whose children are chosen from many proposals by what a surrogate,
/// trained on all candidates told so far, expects of them.
///
/// - Proposals come from crossover, mutation, and, with an Insight, from changes with an aim (AimedChanges): at the
///   operations that dominate latency, and at what is known to be dear under secure inference. Operators get their
///   share by how often their children entered the front (OperatorSelection).
/// - The surrogate (LinearSurrogate) sees genes and, with an Insight, its features. Of the proposals those are asked
///   that add most hypervolume to the front as it is expected, one after the other; a third by a draw from the
///   posterior instead of its mean. Preselection by a surrogate: Jin, "Surrogate-assisted evolutionary computation:
///   recent advances and future challenges", Swarm and Evolutionary Computation 1(2), 2011. With one, three and four
///   objectives the survivors' order (SurvivorSelection) stands in for the gain of hypervolume.
/// - Where the front stays as it is for some generations, the next one is half samples, half distant mutants.
///
/// Nothing is evaluated beside what is asked.
class GuidedEvolution final : public GenerationalStrategy {
  public:
    GuidedEvolution(const Variation& variation, StrategyOptions options);

    std::string_view name() const override { return "guided"; }
    std::vector<OperatorCredit> credit() const override { return operators_.credits(); }

  private:
    struct Proposal {
        Genome genome;
        std::size_t maker = 0;  // operator
        std::uint64_t network = 0;
        std::vector<double> features;
        std::array<double, maximum_objectives> expected{};
        std::array<double, maximum_objectives> drawn{};
        double violation = 0;  // expected
        bool taken = false;
    };

    std::size_t batch() const override;
    void absorb(std::span<Genome> asked, std::span<const Outcome> outcomes) override;
    std::string_view make(std::uint32_t index, Genome& genome) override;

    void learn(std::span<const Genome> genomes, std::span<const Outcome> outcomes);
    void note_successes(std::span<const Outcome> outcomes);
    void select(std::span<Genome> asked, std::span<const Outcome> outcomes);
    void plan();
    std::optional<Genome> propose(std::size_t maker, random::Stream& stream, Insight::Description& description,
                                  bool& described);
    void add_proposal(Genome&& genome, std::size_t maker, const Insight::Description* description);
    void predict();
    void choose();
    void choose_by_gain(std::size_t wanted, bool by_draw);
    void choose_by_rank(std::size_t wanted);
    void take(Proposal& proposal);
    std::vector<double> features_of(const Genome& genome, const Insight::Description* description) const;
    std::size_t parent(random::Stream& picks) const;
    bool is_stuck() const noexcept;

    GenomeFeatures genes_;
    SurvivorSelection selection_;
    OperatorSelection operators_;
    std::optional<AimedChanges> aimed_;  // with an Insight
    LinearSurrogate objectives_model_;
    LinearSurrogate violation_model_;
    bool violations_seen_ = false;

    std::vector<Origin> population_;  // best first
    std::vector<Outcome> pool_;       // of the population
    pareto::Archive front_;
    std::uint64_t told_ = 0;
    std::uint32_t idle_generations_ = 0;  // since the front changed
    GenomeSet networks_;                  // asked

    std::vector<Proposal> proposals_;
    std::vector<Proposal> planned_;  // in the order they are asked
    std::size_t next_planned_ = 0;
    bool restarting_ = false;
};

}  // namespace sotto::search
