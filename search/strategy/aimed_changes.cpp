// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/aimed_changes.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace sotto::search {
namespace {

constexpr unsigned most_tries = 4;
constexpr unsigned costly_candidates = 4;
// How often a change is tried that is not known to serve where one is, and of those one that is known not to.
constexpr double curiosity = 0.2;

bool same(double a, double b) {
    return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

double ratio(double after, double before) {
    return before > 0 ? after / before : 1;
}

// A change is known by the gene and both alternatives, whatever else the genome holds.
std::uint64_t key_of(const Genome& genome, const Change& change) {
    const auto from =
        change.kind == Change::Kind::set_gene ? static_cast<std::uint64_t>(genome.genes[change.where]) : 0;
    return (static_cast<std::uint64_t>(change.kind) << 62U) | (static_cast<std::uint64_t>(change.where) << 32U) |
           (from << 16U) | static_cast<std::uint64_t>(static_cast<std::uint16_t>(change.value));
}

// What the operations of `before` that `after` does not have cost.
double touched_cost(const std::vector<std::uint64_t>& before, const std::vector<double>& costs,
                    const std::vector<std::uint64_t>& after) {
    std::unordered_map<std::uint64_t, int> kept;
    for (const std::uint64_t operation : after) {
        ++kept[operation];
    }
    double touched = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (--kept[before[i]] < 0) {
            touched += costs[i];
        }
    }
    return touched;
}

bool has_served(std::int16_t served, Aim aim) {
    return served >= 0 && (static_cast<unsigned>(served) >> static_cast<unsigned>(aim) & 1U) != 0;
}

// The place of the `which`-th that the predicate holds for.
template <typename Predicate>
std::size_t nth(std::span<const std::int16_t> served, std::uint64_t which, Predicate&& holds) {
    std::size_t at = 0;
    while (!holds(served[at]) || which-- > 0) {
        ++at;
    }
    return at;
}

// Which of the changes to try: the places of `served`, of which there is one at least.
std::size_t draw(Aim aim, std::span<const std::int16_t> served, random::Stream& stream) {
    const auto is_known = [aim](std::int16_t aims) { return has_served(aims, aim); };
    const auto is_untried = [](std::int16_t aims) { return aims < 0; };
    const auto known = static_cast<std::uint64_t>(std::ranges::count_if(served, is_known));
    if (known > 0 && !stream.chance(curiosity)) {
        return nth(served, stream.below(known), is_known);
    }
    // What a change does depends on the rest of the genome: one that did not serve elsewhere may serve here.
    const auto untried = static_cast<std::uint64_t>(std::ranges::count_if(served, is_untried));
    return untried == 0 || stream.chance(curiosity) ? stream.below(served.size())
                                                    : nth(served, stream.below(untried), is_untried);
}

}  // namespace

bool serves(Aim aim, const Change& change, const Workload& before, const Workload& after) {
    const bool same_arithmetic = same(after.multiply_adds, before.multiply_adds);
    const bool same_images = after.linear_operations == before.linear_operations && after.positions == before.positions;
    switch (aim) {
        case Aim::costly_operation:
            return false;
        case Aim::remove_relu:
            return after.relu_elements < before.relu_elements && after.square_elements <= before.square_elements &&
                   (same_arithmetic ? after.activations < before.activations
                                    : ratio(after.relu_elements, before.relu_elements) <
                                          ratio(after.multiply_adds, before.multiply_adds));
        case Aim::relu_to_square:
            return same_arithmetic && after.relu_elements < before.relu_elements &&
                   after.square_elements > before.square_elements;
        case Aim::max_to_average_pool:
            return same_arithmetic && after.max_pool_comparisons < before.max_pool_comparisons &&
                   after.average_pool_elements > before.average_pool_elements;
        case Aim::pool_before_activation:
            return same_arithmetic && after.activations == before.activations &&
                   after.max_pool_comparisons <= before.max_pool_comparisons &&
                   after.relu_elements <= before.relu_elements && after.square_elements <= before.square_elements &&
                   after.relu_elements + after.square_elements < before.relu_elements + before.square_elements;
        case Aim::move_downsampling:
            return after.linear_operations == before.linear_operations && after.positions != before.positions;
        case Aim::snap_channels: {
            const double ciphertexts = ratio(after.ciphertexts, before.ciphertexts);
            const double parameters = ratio(after.parameters, before.parameters);
            return same_images &&
                   ((parameters > 1 && ciphertexts <= 1) || (parameters < 1 && ciphertexts < parameters));
        }
        case Aim::split_or_merge:
            return change.kind != Change::Kind::set_gene || after.linear_operations != before.linear_operations;
    }
    return false;
}

void AimedChanges::prepare(Origin& origin) const {
    if (!origin.changes) {
        origin.changes = variation_.changes(origin.genome);
        if (!origin.description && !insight_.describe(origin.genome, origin.description.emplace())) {
            origin.description.reset();
        }
    }
    origin.served.clear();
    for (const Change& change : *origin.changes) {
        const auto found = served_.find(key_of(origin.genome, change));
        origin.served.push_back(found == served_.end() ? std::int16_t{-1} : std::int16_t{found->second});
    }
}

void AimedChanges::price(Origin& origin) const {
    if (!origin.costs) {
        insight_.operation_costs(origin.genome, origin.costs.emplace());
    }
}

std::optional<AimedChanges::Child> AimedChanges::find(Aim aim, const Origin& origin, random::Stream& stream,
                                                      std::vector<Trial>& trials) const {
    assert(origin.changes && origin.served.size() == origin.changes->size());
    if (!origin.description || origin.changes->empty()) {
        return std::nullopt;
    }
    if (aim == Aim::costly_operation) {
        return find_costly(origin, stream, trials);
    }
    std::vector<std::int16_t> served = origin.served;
    // Where each change was tried and none served, one try is enough to see whether one serves here.
    const bool is_hopeful =
        std::ranges::any_of(served, [aim](std::int16_t aims) { return aims < 0 || has_served(aims, aim); });
    for (unsigned tried = 0; tried < (is_hopeful ? most_tries : 1U); ++tried) {
        const std::size_t which = draw(aim, served, stream);
        std::optional<Child> child = try_change(origin, (*origin.changes)[which], stream, trials);
        served[which] = trials.back().served;
        if (child && has_served(served[which], aim)) {
            return child;
        }
    }
    return std::nullopt;
}

void AimedChanges::remember(std::span<const Trial> trials) {
    for (const Trial& trial : trials) {
        served_[trial.change] = trial.served;
    }
}

std::optional<AimedChanges::Child> AimedChanges::try_change(const Origin& origin, const Change& change,
                                                            random::Stream& stream, std::vector<Trial>& trials) const {
    Trial& trial = trials.emplace_back(Trial{key_of(origin.genome, change), 0});
    std::optional<Genome> genome = variation_.apply_unchecked(origin.genome, change, stream);
    Child child;
    if (!genome || !insight_.describe(*genome, child.description)) {
        return std::nullopt;
    }
    child.genome = std::move(*genome);
    unsigned served = 0;
    for (std::size_t aim = 0; aim < aim_names.size(); ++aim) {
        const bool does =
            serves(static_cast<Aim>(aim), change, origin.description->workload, child.description.workload);
        served |= does ? 1U << aim : 0U;
    }
    trial.served = static_cast<std::uint8_t>(served);
    return child;
}

std::optional<AimedChanges::Child> AimedChanges::find_costly(const Origin& origin, random::Stream& stream,
                                                             std::vector<Trial>& trials) const {
    assert(origin.costs);
    if (origin.costs->size() != origin.description->operations.size()) {
        return std::nullopt;
    }
    std::optional<Child> best;
    double most = 0;
    for (unsigned tried = 0; tried < costly_candidates; ++tried) {
        const Change& change = (*origin.changes)[stream.below(origin.changes->size())];
        std::optional<Child> child = try_change(origin, change, stream, trials);
        if (!child) {
            continue;
        }
        const double touched =
            touched_cost(origin.description->operations, *origin.costs, child->description.operations);
        if (touched > most) {
            most = touched;
            best = std::move(child);
        }
    }
    return best;
}

}  // namespace sotto::search
