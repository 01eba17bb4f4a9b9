// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/guided_evolution.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>
#include <utility>

#include "search/pareto/staircase.hpp"

namespace sotto::search {
namespace {

constexpr std::size_t crossover_operator = 0;
constexpr std::size_t mutation_operator = 1;
constexpr std::size_t first_aim = 2;

// Proposals for each candidate that is asked.
constexpr std::size_t proposals_each = 16;
// Of the candidates of a generation, the share chosen by a draw from the posterior.
constexpr std::size_t one_drawn_in = 3;
// Generations without a change of the front before a restart, and how far its mutants go.
constexpr std::uint32_t patience_generations = 12;
constexpr std::uint64_t distant_mutations = 6;
constexpr unsigned breeding_tries = 8;
// An expected violation below this share of a limit counts as none.
constexpr double violation_tolerance = 0.02;
constexpr double largest_learned_violation = 10;

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
        note_successes(outcomes);
        select(asked, outcomes);
    }
    restarting_ = is_stuck();
    if (restarting_) {
        idle_generations_ = 0;
        operators_.restart();
    } else if (objectives_model_.is_fixed()) {
        plan();
    }
}

void GuidedEvolution::learn(std::span<const Genome> genomes, std::span<const Outcome> outcomes) {
    Insight* const insight = options().insight;
    std::vector<double> rows;
    std::vector<double> targets;
    std::vector<double> all_rows;
    std::vector<double> violations;
    Insight::Description description;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const bool described = insight != nullptr && insight->describe(genomes[i], description);
        if (described) {
            networks_.insert(description.network);
        }
        if (!outcomes[i].evaluated || (insight != nullptr && !described)) {
            continue;
        }
        const std::vector<double> row = features_of(genomes[i], described ? &description : nullptr);
        all_rows.insert(all_rows.end(), row.begin(), row.end());
        violations.push_back(std::min(outcomes[i].constraint_violation, largest_learned_violation));
        violations_seen_ = violations_seen_ || violations.back() > 0;
        if (keeps_constraints(outcomes[i])) {
            rows.insert(rows.end(), row.begin(), row.end());
            const auto first = outcomes[i].objectives.begin();
            targets.insert(targets.end(), first, first + static_cast<std::ptrdiff_t>(options().objectives));
        }
    }
    const auto teach = [](LinearSurrogate& model, const std::vector<double>& features,
                          const std::vector<double>& values, std::size_t columns) {
        if (values.empty()) {
            return;
        }
        if (!model.is_fixed()) {
            model.fix(features, values);
            return;
        }
        const std::size_t count = values.size() / columns;
        const std::size_t width = features.size() / count;
        for (std::size_t i = 0; i < count; ++i) {
            model.learn(std::span(features).subspan(i * width, width), std::span(values).subspan(i * columns, columns));
        }
    };
    teach(objectives_model_, rows, targets, options().objectives);
    teach(violation_model_, all_rows, violations, 1);
}

void GuidedEvolution::note_successes(std::span<const Outcome> outcomes) {
    std::size_t entered = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const std::uint64_t id = ++told_;
        const bool success = keeps_constraints(outcomes[i]) &&
                             front_.add(id, std::span(outcomes[i].objectives).first(options().objectives));
        entered += success ? 1U : 0U;
        operators_.reward(origin(i), success);
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

bool GuidedEvolution::is_stuck() const noexcept {
    return idle_generations_ >= patience_generations;
}

std::size_t GuidedEvolution::parent(random::Stream& picks) const {
    const std::uint64_t first = picks.below(population_.size());
    const std::uint64_t second = picks.below(population_.size());
    return static_cast<std::size_t>(std::min(first, second));
}

void GuidedEvolution::plan() {
    proposals_.clear();
    const std::size_t wanted = batch() * proposals_each;
    Insight::Description description;
    for (std::size_t k = 0; k < wanted; ++k) {
        random::Stream draws = stream(static_cast<std::uint32_t>(k), random::Purpose::selection);
        const std::size_t maker = operators_.draw(draws);
        bool described = false;
        std::optional<Genome> genome = propose(maker, draws, description, described);
        if (genome && !source().knows(*genome)) {
            add_proposal(std::move(*genome), maker, described ? &description : nullptr);
        }
    }
    predict();
    choose();
}

std::optional<Genome> GuidedEvolution::propose(std::size_t maker, random::Stream& stream,
                                               Insight::Description& description, bool& described) {
    std::optional<Genome> genome;
    if (maker >= first_aim) {
        Origin& origin = population_[parent(stream)];
        std::optional<AimedChanges::Child> child = aimed_->find(static_cast<Aim>(maker - first_aim), origin, stream);
        if (child) {
            genome = std::move(child->genome);
            std::swap(description, child->description);
            described = true;
        }
        return genome;
    }
    try {
        const Genome& mother = population_[parent(stream)].genome;
        if (maker == crossover_operator) {
            const Genome& father = population_[parent(stream)].genome;
            genome = variation().crossover(mother, father, stream);
            if (stream.chance(options().mutation_probability)) {
                genome = variation().mutate(*genome, stream);
            }
        } else {
            genome = variation().mutate(mother, stream);
        }
    } catch (const NoValidGenome&) {
        return std::nullopt;
    }
    if (options().insight != nullptr) {
        described = options().insight->describe(*genome, description);
        if (!described) {
            return std::nullopt;
        }
    }
    return genome;
}

void GuidedEvolution::add_proposal(Genome&& genome, std::size_t maker, const Insight::Description* description) {
    // Two genomes of one network would be two candidates and one evaluation.
    if (description != nullptr && networks_.contains(description->network)) {
        return;
    }
    Proposal& proposal = proposals_.emplace_back();
    proposal.features = features_of(genome, description);
    proposal.genome = std::move(genome);
    proposal.maker = maker;
    proposal.network = description != nullptr ? description->network : GenomeHash{}(proposal.genome);
}

void GuidedEvolution::predict() {
    random::Stream noise = stream(0, random::Purpose::surrogate_weights);
    objectives_model_.fit(noise);
    if (violations_seen_) {
        violation_model_.fit(noise);
    }
    for (Proposal& proposal : proposals_) {
        objectives_model_.predict(proposal.features, std::span(proposal.expected).first(options().objectives));
        objectives_model_.predict_drawn(proposal.features, std::span(proposal.drawn).first(options().objectives));
        if (violations_seen_) {
            violation_model_.predict(proposal.features, std::span(&proposal.violation, 1));
            proposal.violation = proposal.violation > violation_tolerance ? proposal.violation : 0;
        }
    }
}

void GuidedEvolution::choose() {
    const std::size_t wanted = std::min(batch(), proposals_.size());
    if (options().objectives == 2 && front_.size() > 0) {
        choose_by_gain(wanted - wanted / one_drawn_in, false);
        choose_by_gain(wanted, true);
    }
    choose_by_rank(wanted);
}

void GuidedEvolution::take(Proposal& proposal) {
    proposal.taken = true;
    // Equal networks that several proposals give are asked once.
    for (Proposal& other : proposals_) {
        other.taken = other.taken || other.network == proposal.network;
    }
    planned_.push_back(proposal);
}

void GuidedEvolution::choose_by_gain(std::size_t wanted, bool by_draw) {
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
    const auto point = [by_draw](const Proposal& proposal) -> const std::array<double, maximum_objectives>& {
        return by_draw ? proposal.drawn : proposal.expected;
    };
    for (const Proposal& proposal : planned_) {
        if (!staircase.covers(point(proposal)[0], point(proposal)[1])) {
            staircase.insert(point(proposal)[0], point(proposal)[1]);
        }
    }
    const auto gain = [&](const Proposal& proposal) {
        const auto& at = point(proposal);
        if (at[0] >= reference[0] || at[1] >= reference[1] || staircase.covers(at[0], at[1])) {
            return 0.0;
        }
        return staircase.area_gain(at[0], at[1], reference[0], reference[1]);
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
        if (!proposals_[i].taken && proposals_[i].violation == 0) {
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
        take(proposal);
    }
}

void GuidedEvolution::choose_by_rank(std::size_t wanted) {
    if (planned_.size() >= wanted) {
        return;
    }
    std::vector<Outcome> pool = pool_;
    for (const Proposal& proposal : proposals_) {
        pool.push_back({!proposal.taken, std::max(0.0, proposal.violation), proposal.expected});
    }
    for (const std::uint32_t index : selection_.select(pool, pool.size())) {
        if (planned_.size() >= wanted) {
            break;
        }
        if (index >= pool_.size() && !proposals_[index - pool_.size()].taken) {
            take(proposals_[index - pool_.size()]);
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
        Proposal& proposal = planned_[next_planned_++];
        if (source().take(proposal.genome)) {
            genome = std::move(proposal.genome);
            return operators_.name(proposal.maker);
        }
    }
    std::string_view origin;
    if (restarting_ && index % 2 == 0 && !population_.empty()) {
        random::Stream draws = stream(index, random::Purpose::restart);
        const Genome& start = population_[parent(draws)].genome;
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
