// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/guided_evolution.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <queue>
#include <utility>

#include "search/pareto/staircase.hpp"

namespace sotto::search {
namespace {

constexpr std::size_t crossover_operator = 0;
constexpr std::size_t mutation_operator = 1;
constexpr std::size_t first_aim = 2;

// Rounds of proposals, and proposals of a round for each candidate that is asked.
constexpr std::size_t rounds = 4;
constexpr std::size_t proposals_each = 6;
// Ways of choosing among proposals.
constexpr std::size_t by_mean = 0;
constexpr std::size_t by_draw = 1;
constexpr std::size_t unseen = 2;

// Generations without a change of the front before a restart, and how far its mutants go.
constexpr std::uint32_t patience_generations = 12;
constexpr std::uint64_t distant_mutations = 6;
constexpr unsigned breeding_tries = 8;

std::vector<std::string_view> operator_names(bool with_insight) {
    std::vector<std::string_view> names{"crossover", "mutation"};
    if (with_insight) {
        names.insert(names.end(), aim_names.begin(), aim_names.end());
    }
    return names;
}

std::size_t feature_count(const GenomeFeatures& genes, const Insight* insight) {
    return genes.count() + (insight != nullptr ? insight->feature_count() : 0);
}

bool keeps_constraints(const Outcome& outcome) {
    return outcome.evaluated && outcome.constraint_violation == 0;
}

}  // namespace

GuidedEvolution::GuidedEvolution(const Variation& variation, StrategyOptions options)
    : GenerationalStrategy(variation, std::move(options)),
      genes_(variation.levels()),
      selection_(this->options().objectives, this->options().population),
      operators_(operator_names(this->options().insight != nullptr)),
      choosers_({"by mean", "by draw", "unseen"}, OperatorSelection::Rule::pursuit),
      objectives_model_(feature_count(genes_, this->options().insight), this->options().objectives),
      violation_model_(feature_count(genes_, this->options().insight), 1),
      front_(this->options().objectives) {
    if (this->options().insight != nullptr) {
        aimed_.emplace(variation, *this->options().insight);
    }
}

std::size_t GuidedEvolution::batch() const {
    // The first generation spreads the surrogate's scales; small ones after it let it learn often.
    const std::size_t population = options().population;
    return population_.empty() ? population : std::max<std::size_t>(1, population / 4);
}

void GuidedEvolution::absorb(std::span<Genome> asked, std::span<const Outcome> outcomes) {
    planned_.clear();
    next_planned_ = 0;
    if (!outcomes.empty()) {
        learn(asked, outcomes);
        note_successes(asked, outcomes);
        select(asked, outcomes);
    }
    chosen_by_.clear();
    restarting_ = idle_generations_ >= patience_generations;
    if (restarting_) {
        idle_generations_ = 0;
        operators_.restart();
        proposals_.clear();
        rank_parents();
    } else if (!population_.empty()) {
        plan();
    }
}

void GuidedEvolution::learn(std::span<const Genome> genomes, std::span<const Outcome> outcomes) {
    Insight* const insight = options().insight;
    Insight::Description description;
    std::vector<std::size_t> told;
    std::vector<double> rows;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const bool described = insight != nullptr && insight->describe(genomes[i], description);
        if (described) {
            networks_.insert(description.network);
        }
        if (outcomes[i].evaluated && (insight == nullptr || described)) {
            const std::vector<double> row = features_of(genomes[i], described ? &description : nullptr);
            rows.insert(rows.end(), row.begin(), row.end());
            told.push_back(i);
        }
    }
    if (told.empty()) {
        return;
    }
    if (!objectives_model_.is_scaled()) {
        objectives_model_.scale(rows);
        violation_model_.scale(rows);
    }
    const std::size_t width = rows.size() / told.size();
    for (std::size_t k = 0; k < told.size(); ++k) {
        const Outcome& outcome = outcomes[told[k]];
        const std::span<const double> row = std::span(rows).subspan(k * width, width);
        const double violation = std::log1p(outcome.constraint_violation);
        violation_model_.learn(row, {&violation, 1});
        violations_seen_ = violations_seen_ || violation > 0;
        if (keeps_constraints(outcome)) {
            objectives_model_.learn(row, std::span(outcome.objectives).first(options().objectives));
        }
    }
}

void GuidedEvolution::note_successes(std::span<const Genome> asked, std::span<const Outcome> outcomes) {
    std::size_t entered = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const std::uint64_t id = ++told_;
        const bool success = keeps_constraints(outcomes[i]) &&
                             front_.add(id, std::span(outcomes[i].objectives).first(options().objectives));
        entered += success ? 1U : 0U;
        operators_.reward(origin(i), success);
        const auto chooser = chosen_by_.find(GenomeHash{}(asked[i]));
        if (chooser != chosen_by_.end()) {
            choosers_.reward(choosers_.name(chooser->second), success);
        }
    }
    idle_generations_ = entered == 0 ? idle_generations_ + 1 : 0;
}

void GuidedEvolution::select(std::span<Genome> asked, std::span<const Outcome> outcomes) {
    const std::size_t before = pool_.size();
    pool_.insert(pool_.end(), outcomes.begin(), outcomes.end());
    std::vector<Origin> survivors;
    std::vector<Outcome> survivor_outcomes;
    for (const std::uint32_t index : selection_.select(pool_, options().population)) {
        if (index < before) {
            survivors.push_back(std::move(population_[index]));
        } else {
            survivors.push_back({std::move(asked[index - before]), {}, {}, {}});
        }
        survivor_outcomes.push_back(pool_[index]);
    }
    population_.swap(survivors);
    pool_.swap(survivor_outcomes);
}

void GuidedEvolution::plan() {
    proposals_.clear();
    random::Stream noise = stream(0, random::Purpose::surrogate_weights);
    if (objectives_model_.observations() > 0) {
        objectives_model_.fit(noise);
    }
    if (violations_seen_) {
        violation_model_.fit(noise);
    }
    const std::size_t each = batch() * proposals_each;
    for (std::size_t round = 0; round < rounds; ++round) {
        rank_parents();
        for (std::size_t k = 0; k < each; ++k) {
            random::Stream draws = stream(static_cast<std::uint32_t>(round * each + k), random::Purpose::selection);
            propose(operators_.draw(draws), draws);
        }
        first_round_ = round == 0 ? proposals_.size() : first_round_;
    }
    choose();
}

void GuidedEvolution::rank_parents() {
    std::vector<Outcome> pool = pool_;
    for (const Proposal& proposal : proposals_) {
        pool.push_back({true, proposal.violation, proposal.expected});
    }
    const auto best = selection_.select(pool, options().population);
    parents_.assign(best.begin(), best.end());
}

Origin& GuidedEvolution::parent(random::Stream& picks) {
    const std::uint64_t first = picks.below(parents_.size());
    const std::uint64_t second = picks.below(parents_.size());
    const std::uint32_t index = parents_[std::min(first, second)];
    return index < population_.size() ? population_[index] : proposals_[index - population_.size()].origin;
}

void GuidedEvolution::propose(std::size_t maker, random::Stream& stream) {
    if (maker >= first_aim) {
        std::optional<AimedChanges::Child> child =
            aimed_->find(static_cast<Aim>(maker - first_aim), parent(stream), stream);
        if (child) {
            add_proposal(maker, std::move(child->genome), std::move(child->description));
        }
        return;
    }
    Genome genome;
    try {
        const Genome& mother = parent(stream).genome;
        if (maker == crossover_operator) {
            genome = variation().crossover(mother, parent(stream).genome, stream);
            if (stream.chance(options().mutation_probability)) {
                genome = variation().mutate(genome, stream);
            }
        } else {
            genome = variation().mutate(mother, stream);
        }
    } catch (const NoValidGenome&) {
        return;
    }
    std::optional<Insight::Description> description;
    if (options().insight != nullptr && !options().insight->describe(genome, description.emplace())) {
        return;
    }
    add_proposal(maker, std::move(genome), std::move(description));
}

void GuidedEvolution::add_proposal(std::size_t maker, Genome&& genome,
                                   std::optional<Insight::Description>&& description) {
    // Two genomes of one network would be two candidates and one evaluation.
    if (source().knows(genome) || (description && networks_.contains(description->network))) {
        return;
    }
    Proposal& proposal = proposals_.emplace_back();
    proposal.features = features_of(genome, description ? &*description : nullptr);
    proposal.maker = maker;
    proposal.network = description ? description->network : GenomeHash{}(genome);
    proposal.origin.genome = std::move(genome);
    proposal.origin.description = std::move(description);
    predict(proposal);
}

void GuidedEvolution::predict(Proposal& proposal) {
    const std::size_t objectives = options().objectives;
    if (objectives_model_.observations() > 0) {
        objectives_model_.predict(proposal.features, std::span(proposal.expected).first(objectives));
        objectives_model_.predict_drawn(proposal.features, std::span(proposal.drawn).first(objectives));
    }
    if (violations_seen_) {
        violation_model_.predict(proposal.features, {&proposal.violation, 1});
        // Beyond the border the model sees a slope, on this side of it nothing: half of what it expects at the border
        // is noise. A normal error gives the probability.
        const double deviation = violation_model_.deviation(0);
        proposal.keeps = 0.5 * std::erfc((proposal.violation - deviation) / (deviation * std::numbers::sqrt2));
        proposal.violation = proposal.keeps >= 0.5 ? 0 : proposal.violation;
    }
}

void GuidedEvolution::choose() {
    std::array<std::size_t, 3> shares{};
    random::Stream draws = stream(1, random::Purpose::surrogate_weights);
    for (std::size_t i = 0; i < batch(); ++i) {
        ++shares[choosers_.draw(draws)];
    }
    choose_unseen(shares[unseen]);
    if (options().objectives == 2 && front_.size() > 0) {
        choose_by_gain(planned_.size() + shares[by_mean], by_mean);
        choose_by_gain(planned_.size() + shares[by_draw], by_draw);
    }
    choose_by_rank(batch());
}

void GuidedEvolution::take(Proposal& proposal, std::size_t chooser) {
    proposal.taken = true;
    // Equal networks that several proposals give are asked once.
    for (Proposal& other : proposals_) {
        other.taken = other.taken || other.network == proposal.network;
    }
    planned_.push_back({&proposal, chooser});
}

void GuidedEvolution::choose_unseen(std::size_t wanted) {
    // The first round's parents were evaluated, all of them.
    for (std::size_t k = 0; k < first_round_ && planned_.size() < wanted; ++k) {
        if (!proposals_[k].taken) {
            take(proposals_[k], unseen);
        }
    }
}

void GuidedEvolution::choose_by_gain(std::size_t wanted, std::size_t chooser) {
    // The reference lies a little beyond the front's ends, so that the ends themselves are worth something.
    std::array<double, 2> least{};
    std::array<double, 2> reference{};
    for (std::size_t k = 0; k < 2; ++k) {
        least[k] = std::numeric_limits<double>::infinity();
        reference[k] = -least[k];
        for (std::size_t i = 0; i < front_.size(); ++i) {
            least[k] = std::min(least[k], front_[i].objectives[k]);
            reference[k] = std::max(reference[k], front_[i].objectives[k]);
        }
        reference[k] += 0.1 * (reference[k] > least[k] ? reference[k] - least[k] : 1);
    }
    pareto::Staircase staircase;
    for (std::size_t i = 0; i < front_.size(); ++i) {
        staircase.insert(front_[i].objectives[0], front_[i].objectives[1]);
    }
    const auto point = [chooser](const Proposal& proposal) -> const std::array<double, maximum_objectives>& {
        return chooser == by_draw ? proposal.drawn : proposal.expected;
    };
    for (const Plan& plan : planned_) {
        const auto& at = point(*plan.proposal);
        if (!staircase.covers(at[0], at[1])) {
            staircase.insert(at[0], at[1]);
        }
    }
    const auto gain = [&](const Proposal& proposal) {
        const auto& at = point(proposal);
        if (at[0] >= reference[0] || at[1] >= reference[1] || staircase.covers(at[0], at[1])) {
            return 0.0;
        }
        return proposal.keeps * staircase.area_gain(at[0], at[1], reference[0], reference[1]);
    };
    // Gains only shrink as points are added: the best of the queue whose gain is still what it was is the best of all.
    struct Entry {
        double gain;
        std::size_t index;
        bool operator<(const Entry& other) const {
            return gain != other.gain ? gain < other.gain : index > other.index;
        }
    };
    std::priority_queue<Entry> queue;
    for (std::size_t i = 0; i < proposals_.size(); ++i) {
        if (!proposals_[i].taken) {
            queue.push({gain(proposals_[i]), i});
        }
    }
    while (planned_.size() < wanted && !queue.empty() && queue.top().gain > 0) {
        const Entry top = queue.top();
        queue.pop();
        Proposal& proposal = proposals_[top.index];
        if (proposal.taken) {
            continue;
        }
        const double now = gain(proposal);
        if (now < top.gain) {
            queue.push({now, top.index});
            continue;
        }
        staircase.insert(point(proposal)[0], point(proposal)[1]);
        take(proposal, chooser);
    }
}

void GuidedEvolution::choose_by_rank(std::size_t wanted) {
    if (planned_.size() >= wanted) {
        return;
    }
    std::vector<Outcome> pool = pool_;
    for (const Proposal& proposal : proposals_) {
        pool.push_back({!proposal.taken, proposal.violation, proposal.expected});
    }
    for (const std::uint32_t index : selection_.select(pool, pool.size())) {
        if (planned_.size() >= wanted) {
            break;
        }
        if (index >= pool_.size() && !proposals_[index - pool_.size()].taken) {
            take(proposals_[index - pool_.size()], by_mean);
        }
    }
}

std::vector<double> GuidedEvolution::features_of(const Genome& genome, const Insight::Description* description) const {
    std::vector<double> features(feature_count(genes_, options().insight));
    genes_.fill(genome, std::span(features).first(genes_.count()));
    if (description != nullptr) {
        std::copy(description->features.begin(), description->features.end(),
                  features.begin() + static_cast<std::ptrdiff_t>(genes_.count()));
    }
    return features;
}

std::string_view GuidedEvolution::make(std::uint32_t index, Genome& genome) {
    while (next_planned_ < planned_.size()) {
        const Plan plan = planned_[next_planned_++];
        Proposal& proposal = *plan.proposal;
        if (source().take(proposal.origin.genome)) {
            chosen_by_.emplace(GenomeHash{}(proposal.origin.genome), plan.chooser);
            genome = std::move(proposal.origin.genome);
            return operators_.name(proposal.maker);
        }
    }
    std::string_view origin;
    if (restarting_ && index % 2 == 0 && !population_.empty()) {
        random::Stream draws = stream(index, random::Purpose::restart);
        const Genome& start = parent(draws).genome;
        const bool found = source().draw(breeding_tries, genome, [&](Genome& child) {
            child = start;
            for (std::uint64_t i = 0; i < distant_mutations; ++i) {
                child = variation().mutate(child, draws);
            }
        });
        origin = found ? "restart" : "";
    }
    if (origin.empty()) {
        origin = sample(index, random::Purpose::random_sample, genome);
    }
    return origin;
}

}  // namespace sotto::search
