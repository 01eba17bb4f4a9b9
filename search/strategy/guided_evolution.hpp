// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "search/pareto/archive.hpp"
#include "search/strategy/aimed_changes.hpp"
#include "search/strategy/generational_strategy.hpp"
#include "search/strategy/genome_features.hpp"
#include "search/strategy/genome_set.hpp"
#include "search/strategy/linear_surrogate.hpp"
#include "search/strategy/operator_selection.hpp"
#include "search/strategy/proposal_choice.hpp"
#include "search/strategy/survivor_selection.hpp"

namespace sotto::search {

/// Sotto's own strategy: an elitist population whose children are chosen from many proposals by what a surrogate,
/// trained on all candidates told so far, expects of them.
///
/// - Proposals come from crossover, mutation, and, with an Insight, from changes with an aim (AimedChanges): at the
///   operations that dominate latency, and at what is known to be dear under secure inference. Operators get their
///   share by how often their children entered the front (OperatorSelection). They come in rounds: the best of the
///   earlier ones, as expected, are parents of the later, so that a child may lie several steps from the population.
/// - The surrogate (LinearSurrogate) sees genes and, with an Insight, its features. Of the proposals those are asked
///   that add most hypervolume to the front as it is expected, one after the other; some by a draw from the posterior
///   instead of its mean; and some unseen, so that a surrogate that misleads is found out: the three ways of choosing
///   get their share as operators do. Preselection by a surrogate: Jin, "Surrogate-assisted evolutionary computation:
///   recent advances and future challenges", Swarm and Evolutionary Computation 1(2), 2011. With one, three and four
///   objectives the survivors' order (SurvivorSelection) stands in for the gain of hypervolume.
/// - Where the front stays as it is for some generations, the next one is half samples, half distant mutants.
///
/// The proposals of a round know nothing of each other: they are made on as many threads as there are, those of the
/// first round beside the surrogate's fit, which they do not need before they are compared.
///
/// Nothing is evaluated beside what is asked.
class GuidedEvolution final : public GenerationalStrategy {
  public:
    static constexpr bool uses_insight = true;

    GuidedEvolution(const Variation& variation, StrategyOptions options);

    std::string_view name() const override { return "guided"; }
    std::vector<OperatorCredit> credit() const override { return operators_.credits(); }

  private:
    // A proposal to be made: all that is drawn before, and what became of it.
    struct Attempt {
        std::size_t maker = 0;  // operator
        std::uint32_t parent = 0;
        std::uint32_t other_parent = 0;  // of a crossover
        random::Stream draws;
        std::optional<Proposal> proposal = {};
        std::vector<AimedChanges::Trial> trials = {};
    };

    // What the surrogate has been told and not learned yet: a row of features for each candidate.
    struct Lessons {
        std::vector<double> rows;
        std::vector<double> violations;
        std::vector<double> kept_rows;  // of those that keep the constraints
        std::vector<double> objectives;
    };

    std::size_t batch() const override;
    void absorb(std::span<Genome> asked, std::span<const Outcome> outcomes) override;
    std::string_view make(std::uint32_t index, Genome& genome) override;

    void for_each(std::size_t count, const std::function<void(std::size_t item)>& body) const;
    std::vector<Origin> describe(std::span<Genome> asked);
    void take_lessons(std::span<const Origin> asked, std::span<const Outcome> outcomes);
    void learn_objectives();
    void learn_violations();
    void note_successes(std::span<const Origin> asked, std::span<const Outcome> outcomes);
    void select(std::span<Origin> asked, std::span<const Outcome> outcomes);
    void plan();
    void fit_objectives();
    void fit_violations();
    void propose_round(std::size_t round);
    void make_first_proposals(std::span<Attempt> attempts);
    std::vector<Attempt> draw_attempts(std::size_t round) const;
    void prepare_parents(std::span<const Attempt> attempts);
    void make_proposal(Attempt& attempt);
    bool breed(Attempt& attempt, Origin& child);
    void predict(Attempt& attempt) const;
    void rank_parents();
    std::uint32_t draw_parent(random::Stream& picks) const;
    Origin& parent(std::uint32_t index);
    void choose();
    std::vector<double> features_of(const Genome& genome, const Insight::Description* description) const;

    GenomeFeatures genes_;
    SurvivorSelection selection_;
    OperatorSelection operators_;
    OperatorSelection choosers_;
    std::optional<AimedChanges> aimed_;  // with an Insight
    LinearSurrogate objectives_model_;
    LinearSurrogate violation_model_;  // of the logarithm of 1 + violation
    Lessons lessons_;
    bool violations_seen_ = false;

    std::vector<Origin> population_;  // best first
    std::vector<Outcome> pool_;       // of the population
    pareto::Archive front_;
    std::uint64_t told_ = 0;
    std::uint32_t idle_generations_ = 0;  // since the front changed
    GenomeSet networks_;                  // asked

    std::deque<Proposal> proposals_;
    std::deque<Proposal> forgotten_;      // of the last generation
    std::size_t first_round_ = 0;         // how many of them came in the first round
    std::vector<std::uint32_t> parents_;  // best first: of the population, and behind its size of the proposals
    std::vector<Plan> planned_;           // in the order they are asked
    std::size_t next_planned_ = 0;
    bool restarting_ = false;
    std::unordered_map<std::uint64_t, Plan> chosen_;  // of the candidates asked, by genome
};

}  // namespace sotto::search
