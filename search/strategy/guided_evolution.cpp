// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/guided_evolution.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace sotto::search {
namespace {

constexpr std::size_t crossover_operator = 0;
constexpr std::size_t mutation_operator = 1;
constexpr std::size_t first_aim = 2;
constexpr std::size_t costly_operator = first_aim + static_cast<std::size_t>(Aim::costly_operation);

constexpr std::size_t least_even_batch = 8;

// Rounds of proposals, and proposals of a round for each candidate that is asked.
constexpr std::size_t rounds = 4;
constexpr std::size_t proposals_each = 6;
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
      choosers_({chooser_names.begin(), chooser_names.end()}, OperatorSelection::Rule::pursuit),
      objectives_model_(feature_count(genes_, this->options().insight), this->options().objectives),
      violation_model_(feature_count(genes_, this->options().insight), 1),
      front_(this->options().objectives) {
    if (this->options().insight != nullptr) {
        aimed_.emplace(variation, *this->options().insight);
    }
}

std::size_t GuidedEvolution::batch() const {
    // The first generation spreads the surrogate's scales; small ones after it let it learn often, in whole fours so
    // that few workers are done at the same time.
    const std::size_t population = options().population;
    const std::size_t quarter = population / 4;
    const std::size_t even = quarter < least_even_batch ? quarter : quarter - quarter % 4;
    return population_.empty() ? population : std::max<std::size_t>(1, even);
}

void GuidedEvolution::for_each(std::size_t count, const std::function<void(std::size_t)>& body) const {
    if (options().parallel_for) {
        options().parallel_for(count, body);
        return;
    }
    for (std::size_t item = 0; item < count; ++item) {
        body(item);
    }
}

void GuidedEvolution::absorb(std::span<Genome> asked, std::span<const Outcome> outcomes) {
    planned_.clear();
    next_planned_ = 0;
    if (!outcomes.empty()) {
        std::vector<Origin> told = describe(asked);
        take_lessons(told, outcomes);
        note_successes(told, outcomes);
        select(told, outcomes);
    }
    chosen_.clear();
    restarting_ = idle_generations_ >= patience_generations;
    if (!restarting_ && !population_.empty()) {
        plan();
        return;
    }
    learn_objectives();
    learn_violations();
    if (restarting_) {
        idle_generations_ = 0;
        operators_.restart();
        proposals_.clear();
        rank_parents();
    }
}

std::vector<Origin> GuidedEvolution::describe(std::span<Genome> asked) {
    std::vector<Origin> origins(asked.size());
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const auto chosen = chosen_.find(GenomeHash{}(asked[i]));
        origins[i].genome = std::move(asked[i]);
        if (chosen != chosen_.end()) {
            origins[i].description = std::move(chosen->second.proposal->origin.description);
        }
    }
    Insight* const insight = options().insight;
    if (insight != nullptr) {
        for_each(origins.size(), [&](std::size_t i) {
            Origin& origin = origins[i];
            if (!origin.description && !insight->describe(origin.genome, origin.description.emplace())) {
                origin.description.reset();
            }
        });
    }
    return origins;
}

void GuidedEvolution::take_lessons(std::span<const Origin> asked, std::span<const Outcome> outcomes) {
    lessons_ = {};
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const Insight::Description* const description = asked[i].description ? &*asked[i].description : nullptr;
        if (description != nullptr) {
            networks_.insert(description->network);
        }
        if (!outcomes[i].evaluated || (options().insight != nullptr && description == nullptr)) {
            continue;
        }
        const std::vector<double> row = features_of(asked[i].genome, description);
        lessons_.rows.insert(lessons_.rows.end(), row.begin(), row.end());
        lessons_.violations.push_back(std::log1p(outcomes[i].constraint_violation));
        violations_seen_ = violations_seen_ || lessons_.violations.back() > 0;
        if (keeps_constraints(outcomes[i])) {
            const auto values = std::span(outcomes[i].objectives).first(options().objectives);
            lessons_.kept_rows.insert(lessons_.kept_rows.end(), row.begin(), row.end());
            lessons_.objectives.insert(lessons_.objectives.end(), values.begin(), values.end());
        }
    }
    if (!lessons_.rows.empty() && !objectives_model_.is_scaled()) {
        objectives_model_.scale(lessons_.rows);
        violation_model_.scale(lessons_.rows);
    }
}

void GuidedEvolution::learn_objectives() {
    objectives_model_.learn(lessons_.kept_rows, lessons_.objectives);
    lessons_.kept_rows.clear();
}

void GuidedEvolution::learn_violations() {
    violation_model_.learn(lessons_.rows, lessons_.violations);
    lessons_.rows.clear();
}

void GuidedEvolution::note_successes(std::span<const Origin> asked, std::span<const Outcome> outcomes) {
    std::size_t entered = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const std::uint64_t id = ++told_;
        const bool success = keeps_constraints(outcomes[i]) &&
                             front_.add(id, std::span(outcomes[i].objectives).first(options().objectives));
        entered += success ? 1U : 0U;
        operators_.reward(origin(i), success);
        const auto chosen = chosen_.find(GenomeHash{}(asked[i].genome));
        if (chosen != chosen_.end()) {
            choosers_.reward(choosers_.name(chosen->second.chooser), success);
        }
    }
    idle_generations_ = entered == 0 ? idle_generations_ + 1 : 0;
}

void GuidedEvolution::select(std::span<Origin> asked, std::span<const Outcome> outcomes) {
    const std::size_t before = pool_.size();
    pool_.insert(pool_.end(), outcomes.begin(), outcomes.end());
    std::vector<Origin> survivors;
    std::vector<Outcome> survivor_outcomes;
    for (const std::uint32_t index : selection_.select(pool_, options().population)) {
        survivors.push_back(std::move(index < before ? population_[index] : asked[index - before]));
        survivor_outcomes.push_back(pool_[index]);
    }
    population_.swap(survivors);
    pool_.swap(survivor_outcomes);
}

void GuidedEvolution::plan() {
    forgotten_.swap(proposals_);
    for (std::size_t round = 0; round < rounds; ++round) {
        propose_round(round);
        first_round_ = round == 0 ? proposals_.size() : first_round_;
    }
    choose();
}

void GuidedEvolution::fit_objectives() {
    learn_objectives();
    random::Stream noise = stream(0, random::Purpose::surrogate_weights);
    if (objectives_model_.observations() > 0) {
        objectives_model_.fit(noise);
    }
}

void GuidedEvolution::fit_violations() {
    learn_violations();
    // What is drawn is not used: the mean decides.
    random::Stream noise = stream(0, random::Purpose::surrogate_weights);
    if (violations_seen_) {
        violation_model_.fit(noise);
    }
}

void GuidedEvolution::propose_round(std::size_t round) {
    rank_parents();
    std::vector<Attempt> attempts = draw_attempts(round);
    if (aimed_) {
        prepare_parents(attempts);
    }
    if (round == 0) {
        make_first_proposals(attempts);
    } else {
        for_each(attempts.size(), [&](std::size_t k) {
            make_proposal(attempts[k]);
            predict(attempts[k]);
        });
    }
    for (Attempt& attempt : attempts) {
        if (aimed_) {
            aimed_->remember(attempt.trials);
        }
        if (attempt.proposal) {
            proposals_.push_back(std::move(*attempt.proposal));
        }
    }
}

// The longest items first, so that the others fill up the time beside them.
void GuidedEvolution::make_first_proposals(std::span<Attempt> attempts) {
    constexpr std::size_t others = 3;
    for_each(others + attempts.size(), [&](std::size_t item) {
        switch (item) {
            case 0:
                fit_objectives();
                break;
            case 1:
                fit_violations();
                break;
            case 2:
                forgotten_.clear();
                break;
            default:
                make_proposal(attempts[item - others]);
        }
    });
    for_each(attempts.size(), [&](std::size_t k) { predict(attempts[k]); });
}

void GuidedEvolution::rank_parents() {
    std::vector<Outcome> pool = pool_;
    for (const Proposal& proposal : proposals_) {
        pool.push_back({true, proposal.violation, proposal.expected});
    }
    const auto best = selection_.select(pool, options().population);
    parents_.assign(best.begin(), best.end());
}

std::uint32_t GuidedEvolution::draw_parent(random::Stream& picks) const {
    const std::uint64_t first = picks.below(parents_.size());
    const std::uint64_t second = picks.below(parents_.size());
    return parents_[std::min(first, second)];
}

Origin& GuidedEvolution::parent(std::uint32_t index) {
    return index < population_.size() ? population_[index] : proposals_[index - population_.size()].origin;
}

std::vector<GuidedEvolution::Attempt> GuidedEvolution::draw_attempts(std::size_t round) const {
    const std::size_t each = batch() * proposals_each;
    std::vector<Attempt> attempts;
    for (std::size_t k = 0; k < each; ++k) {
        Attempt& attempt = attempts.emplace_back(
            Attempt{0, 0, 0, stream(static_cast<std::uint32_t>(round * each + k), random::Purpose::selection)});
        attempt.maker = operators_.draw(attempt.draws);
        attempt.parent = draw_parent(attempt.draws);
        attempt.other_parent = attempt.maker == crossover_operator ? draw_parent(attempt.draws) : attempt.parent;
    }
    return attempts;
}

void GuidedEvolution::prepare_parents(std::span<const Attempt> attempts) {
    std::vector<Origin*> origins;
    std::vector<Origin*> priced;
    std::vector<bool> is_listed(population_.size() + proposals_.size());
    for (const Attempt& attempt : attempts) {
        if (attempt.maker >= first_aim && !is_listed[attempt.parent]) {
            is_listed[attempt.parent] = true;
            origins.push_back(&parent(attempt.parent));
        }
        if (attempt.maker == costly_operator) {
            priced.push_back(&parent(attempt.parent));
        }
    }
    // Prices are asked one at a time, and need nothing of what is prepared beside them.
    for_each(1 + origins.size(), [&](std::size_t item) {
        if (item > 0) {
            aimed_->prepare(*origins[item - 1]);
            return;
        }
        for (Origin* const origin : priced) {
            aimed_->price(*origin);
        }
    });
}

void GuidedEvolution::make_proposal(Attempt& attempt) {
    Proposal proposal;
    Origin& child = proposal.origin;
    if (!breed(attempt, child)) {
        return;
    }
    // Two genomes of one network would be two candidates and one evaluation.
    if (source().knows(child.genome) || (child.description && networks_.contains(child.description->network))) {
        return;
    }
    proposal.features = features_of(child.genome, child.description ? &*child.description : nullptr);
    proposal.maker = attempt.maker;
    proposal.network = child.description ? child.description->network : GenomeHash{}(child.genome);
    attempt.proposal = std::move(proposal);
}

bool GuidedEvolution::breed(Attempt& attempt, Origin& child) {
    const Origin& mother = parent(attempt.parent);
    if (attempt.maker >= first_aim) {
        const auto aim = static_cast<Aim>(attempt.maker - first_aim);
        std::optional<AimedChanges::Child> found = aimed_->find(aim, mother, attempt.draws, attempt.trials);
        if (!found) {
            return false;
        }
        child.genome = std::move(found->genome);
        child.description = std::move(found->description);
        return true;
    }
    try {
        if (attempt.maker == crossover_operator) {
            child.genome = variation().crossover(mother.genome, parent(attempt.other_parent).genome, attempt.draws);
            if (attempt.draws.chance(options().mutation_probability)) {
                child.genome = variation().mutate(child.genome, attempt.draws);
            }
        } else {
            child.genome = variation().mutate(mother.genome, attempt.draws);
        }
    } catch (const NoValidGenome&) {
        return false;
    }
    return options().insight == nullptr || options().insight->describe(child.genome, child.description.emplace());
}

void GuidedEvolution::predict(Attempt& attempt) const {
    if (!attempt.proposal) {
        return;
    }
    Proposal& proposal = *attempt.proposal;
    const std::size_t objectives = options().objectives;
    if (objectives_model_.observations() > 0) {
        objectives_model_.predict(proposal.features, std::span(proposal.expected).first(objectives),
                                  std::span(proposal.drawn).first(objectives));
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
    std::array<std::size_t, ways_to_choose> shares{};
    random::Stream draws = stream(1, random::Purpose::surrogate_weights);
    for (std::size_t i = 0; i < batch(); ++i) {
        ++shares[choosers_.draw(draws)];
    }
    ProposalChoice choice(proposals_);
    choice.take_unseen(shares[unseen], first_round_);
    if (options().objectives == 2 && front_.size() > 0) {
        choice.take_by_gain(shares[by_mean], by_mean, front_);
        choice.take_by_gain(shares[by_draw], by_draw, front_);
    }
    choice.take_by_rank(batch(), pool_, selection_);
    planned_ = choice.plans();
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
            chosen_.emplace(GenomeHash{}(proposal.origin.genome), plan);
            genome = std::move(proposal.origin.genome);
            return operators_.name(proposal.maker);
        }
    }
    std::string_view origin;
    if (restarting_ && index % 2 == 0 && !population_.empty()) {
        random::Stream draws = stream(index, random::Purpose::restart);
        const Genome& start = parent(draw_parent(draws)).genome;
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
