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

std::optional<AimedChanges::Child> AimedChanges::find(Aim aim, Origin& origin, random::Stream& stream) {
    if (!origin.description) {
        origin.description.emplace();
        if (!insight_.describe(origin.genome, *origin.description)) {
            return std::nullopt;
        }
    }
    if (!origin.changes) {
        origin.changes = variation_.changes(origin.genome);
    }
    if (aim == Aim::costly_operation) {
        return find_costly(origin, stream);
    }
    for (unsigned tried = 0; tried < most_tries; ++tried) {
        const Change* const change = draw(aim, origin, stream);
        if (change == nullptr) {
            break;
        }
        std::optional<Child> child = try_change(origin, *change, stream);
        if (child && serves(aim, *change, origin.description->workload, child->description.workload)) {
            return child;
        }
    }
    return std::nullopt;
}

std::optional<AimedChanges::Child> AimedChanges::try_change(Origin& origin, const Change& change,
                                                            random::Stream& stream) {
    std::optional<Genome> genome = variation_.apply_unchecked(origin.genome, change, stream);
    std::uint8_t& seen = seen_[key_of(origin.genome, change)];
    Child child;
    if (!genome || !insight_.describe(*genome, child.description)) {
        seen = 0;
        return std::nullopt;
    }
    child.genome = std::move(*genome);
    unsigned served = 0;
    for (std::size_t aim = 0; aim < aim_names.size(); ++aim) {
        const bool does =
            serves(static_cast<Aim>(aim), change, origin.description->workload, child.description.workload);
        served |= does ? 1U << aim : 0U;
    }
    seen = static_cast<std::uint8_t>(served);
    return child;
}

const Change* AimedChanges::draw(Aim aim, const Origin& origin, random::Stream& stream) {
    known_.clear();
    untried_.clear();
    for (const Change& change : *origin.changes) {
        const auto seen = seen_.find(key_of(origin.genome, change));
        if (seen == seen_.end()) {
            untried_.push_back(&change);
        } else if ((seen->second >> static_cast<unsigned>(aim) & 1U) != 0) {
            known_.push_back(&change);
        }
    }
    if (origin.changes->empty()) {
        return nullptr;
    }
    if (!known_.empty() && !stream.chance(curiosity)) {
        return known_[stream.below(known_.size())];
    }
    // What a change does depends on the rest of the genome: one that did not serve elsewhere may serve here.
    return untried_.empty() || stream.chance(curiosity) ? &(*origin.changes)[stream.below(origin.changes->size())]
                                                        : untried_[stream.below(untried_.size())];
}

std::optional<AimedChanges::Child> AimedChanges::find_costly(Origin& origin, random::Stream& stream) {
    if (!origin.costs) {
        origin.costs.emplace();
        insight_.operation_costs(origin.genome, *origin.costs);
    }
    if (origin.costs->size() != origin.description->operations.size() || origin.changes->empty()) {
        return std::nullopt;
    }
    std::optional<Child> best;
    double most = 0;
    for (unsigned tried = 0; tried < costly_candidates; ++tried) {
        const Change& change = (*origin.changes)[stream.below(origin.changes->size())];
        std::optional<Child> child = try_change(origin, change, stream);
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
