// SPDX-License-Identifier: Apache-2.0
#include "search/space/variation_operators.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

namespace sotto::search::language {
namespace {

int uniform(const ChoiceWalk& walk, std::uint32_t gene, random::Stream& stream) {
    const std::size_t allowed = walk.count_allowed(gene);
    return allowed == 0 ? -1 : walk.nth_allowed(gene, static_cast<std::size_t>(stream.below(allowed)));
}

std::int64_t count_of(const Program& program, const Repeat& repeat, const Genome& genome) {
    return program.choices[repeat.count_gene].values[static_cast<std::size_t>(genome.genes[repeat.count_gene])];
}

std::optional<Gene> alternative_of(const Program& program, const Repeat& repeat, std::int64_t count) {
    const std::vector<std::int64_t>& values = program.choices[repeat.count_gene].values;
    const auto found = std::find(values.begin(), values.end(), count);
    if (found == values.end()) {
        return std::nullopt;
    }
    return static_cast<Gene>(found - values.begin());
}

}  // namespace

int UniformGenes::decide(const ChoiceWalk& walk, std::uint32_t gene) {
    return uniform(walk, gene, stream_);
}

Parent::Parent(const ChoiceWalk& walk) : genome(walk.genome()), active(walk.program().choices.size()) {
    for (std::uint32_t gene = 0; gene < active.size(); ++gene) {
        active[gene] = walk.is_active(gene) ? 1 : 0;
    }
}

MutatedGenes::MutatedGenes(const Program& program, const Parent& parent, random::Stream& stream)
    : parent_(parent), stream_(stream), changes_(program.choices.size()) {
    std::vector<std::uint32_t> candidates;
    for (std::uint32_t gene = 0; gene < changes_.size(); ++gene) {
        const Choice& choice = program.choices[gene];
        if (parent.active[gene] != 0 && !choice.leader && choice.values.size() > 1) {
            candidates.push_back(gene);
        }
    }
    can_change_ = !candidates.empty();
    // 1, 2 or 3 with probabilities .6, .3, .1.
    const double draw = stream.unit();
    const std::size_t wanted = draw < 0.6 ? 1 : draw < 0.9 ? 2 : 3;
    for (std::size_t i = 0; i < std::min(wanted, candidates.size()); ++i) {
        const std::size_t at = i + static_cast<std::size_t>(stream.below(candidates.size() - i));
        std::swap(candidates[i], candidates[at]);
        changes_[candidates[i]] = 1;
    }
}

int MutatedGenes::decide(const ChoiceWalk& walk, std::uint32_t gene) {
    if (parent_.active[gene] == 0) {
        return uniform(walk, gene, stream_);
    }
    if (changes_[gene] != 0) {
        return changed(walk, gene);
    }
    const int kept = parent_.genome.genes[gene];
    return walk.allows(gene, static_cast<std::size_t>(kept)) ? kept : uniform(walk, gene, stream_);
}

int MutatedGenes::changed(const ChoiceWalk& walk, std::uint32_t gene) {
    const Choice& choice = walk.program().choices[gene];
    const int before = parent_.genome.genes[gene];
    const int count = static_cast<int>(choice.values.size());
    if (choice.ordered && (choice.counts_iterations || stream_.chance(0.5))) {
        const int size = choice.counts_iterations && stream_.chance(0.25) ? 2 : 1;
        const int step = stream_.below(2) == 0 ? size : -size;
        for (const int to : {before + step, before - step}) {
            if (to >= 0 && to < count && walk.allows(gene, static_cast<std::size_t>(to))) {
                return to;
            }
        }
    }
    const bool keeps = walk.allows(gene, static_cast<std::size_t>(before));
    const std::size_t others = walk.count_allowed(gene) - (keeps ? 1U : 0U);
    if (others == 0) {
        return keeps ? before : -1;
    }
    auto which = static_cast<std::size_t>(stream_.below(others));
    for (int to = 0; to < count; ++to) {
        if (to != before && walk.allows(gene, static_cast<std::size_t>(to)) && which-- == 0) {
            return to;
        }
    }
    return -1;
}

std::vector<Change> single_changes(const Program& program, const Parent& parent) {
    std::vector<Change> changes;
    for (std::uint32_t gene = 0; gene < program.choices.size(); ++gene) {
        const Choice& choice = program.choices[gene];
        if (parent.active[gene] == 0 || choice.leader) {
            continue;
        }
        for (int value = 0; value < static_cast<int>(choice.values.size()); ++value) {
            if (value != parent.genome.genes[gene]) {
                changes.push_back({Change::Kind::set_gene, gene, value});
            }
        }
    }
    for (std::uint32_t which = 0; which < program.repeats.size(); ++which) {
        const Repeat& repeat = program.repeats[which];
        if (parent.active[repeat.count_gene] == 0) {
            continue;
        }
        const std::int64_t iterations = count_of(program, repeat, parent.genome);
        for (const auto& [kind, other] : {std::pair(Change::Kind::remove_iteration, iterations - 1),
                                          std::pair(Change::Kind::double_iteration, iterations + 1)}) {
            if (alternative_of(program, repeat, other)) {
                for (std::int32_t i = 0; i < static_cast<std::int32_t>(iterations); ++i) {
                    changes.push_back({kind, which, i});
                }
            }
        }
    }
    return changes;
}

ChangedGenes::ChangedGenes(const Program& program, const Parent& parent, const Change& change, random::Stream& stream)
    : edited_(parent), stream_(stream) {
    if (change.kind == Change::Kind::set_gene) {
        edited_.genome.genes[change.where] = static_cast<Gene>(change.value);
        changed_ = change.where;
    } else {
        move_iterations(program, parent, change);
    }
}

void ChangedGenes::move_iterations(const Program& program, const Parent& parent, const Change& change) {
    const Repeat& repeat = program.repeats[change.where];
    const std::int64_t iterations = count_of(program, repeat, parent.genome);
    const bool removes = change.kind == Change::Kind::remove_iteration;
    const std::int64_t after = removes ? iterations - 1 : iterations + 1;
    changed_ = repeat.count_gene;
    edited_.genome.genes[changed_] = alternative_of(program, repeat, after).value();
    const auto last = std::min(static_cast<std::int64_t>(repeat.iterations.size()), after);
    for (std::int64_t to = change.value + (removes ? 0 : 1); to < last; ++to) {
        const auto& targets = repeat.iterations[static_cast<std::size_t>(to)];
        const auto& sources = repeat.iterations[static_cast<std::size_t>(removes ? to + 1 : to - 1)];
        for (std::size_t k = 0; k < targets.size(); ++k) {
            if (targets[k] == Repeat::no_gene) {
                continue;
            }
            const bool known = sources[k] != Repeat::no_gene && parent.active[sources[k]] != 0;
            edited_.active[targets[k]] = known ? 1 : 0;
            edited_.genome.genes[targets[k]] = known ? parent.genome.genes[sources[k]] : Gene{0};
        }
    }
}

int ChangedGenes::decide(const ChoiceWalk& walk, std::uint32_t gene) {
    const int wanted = edited_.genome.genes[gene];
    // An iteration that has fewer alternatives than its neighbour may not know the number.
    const bool known = static_cast<std::size_t>(wanted) < walk.program().choices[gene].values.size();
    if (edited_.active[gene] != 0 && known && walk.allows(gene, static_cast<std::size_t>(wanted))) {
        return wanted;
    }
    return gene == changed_ ? -1 : uniform(walk, gene, stream_);
}

CrossedGenes::CrossedGenes(const Program& program, const Parent& first, const Parent& second, random::Stream& stream)
    : first_(first), second_(second), stream_(stream), from_second_(program.choices.size()) {
    const bool by_group = stream.chance(0.5);
    std::unordered_map<std::uint32_t, std::uint8_t> of_group;
    for (std::size_t gene = 0; gene < from_second_.size(); ++gene) {
        const auto draw = [&] { return static_cast<std::uint8_t>(stream.below(2)); };
        if (!by_group) {
            from_second_[gene] = draw();
            continue;
        }
        const auto [at, is_new] = of_group.try_emplace(program.choices[gene].group, std::uint8_t{0});
        if (is_new) {
            at->second = draw();
        }
        from_second_[gene] = at->second;
    }
}

int CrossedGenes::decide(const ChoiceWalk& walk, std::uint32_t gene) {
    const bool second_first = from_second_[gene] != 0;
    for (const Parent* parent : {second_first ? &second_ : &first_, second_first ? &first_ : &second_}) {
        const int taken = parent->genome.genes[gene];
        if (parent->active[gene] != 0 && walk.allows(gene, static_cast<std::size_t>(taken))) {
            return taken;
        }
    }
    return uniform(walk, gene, stream_);
}

}  // namespace sotto::search::language
