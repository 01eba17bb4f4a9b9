// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/physical_times.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sotto::learned {
namespace {

constexpr std::array<std::size_t, layer_type_count> term_counts = {10, 4, 4, 4, 4, 3, 8};

template <std::size_t Count>
double product(const std::array<double, Count>& coefficients, const std::array<double, Count>& terms) noexcept {
    return std::inner_product(terms.begin(), terms.end(), coefficients.begin(), 0.0);
}

}  // namespace

std::size_t own_term_count(LayerType type) noexcept {
    return term_counts[static_cast<std::size_t>(type)];
}

OwnTerms own_terms(const OwnWorkload& work) noexcept {
    const protocol::OperationCounts& counts = work.counts;
    // A comparison of few elements is bound by its messages, of many by work; in between both overlap.
    const double comparisons = work.comparisons;
    const double root = comparisons * std::sqrt(counts.elements);
    const double compared = comparisons * counts.elements;
    switch (work.type) {
        case LayerType::conv:
            return {1,
                    counts.input_ciphertexts,
                    counts.output_ciphertexts,
                    counts.scalar_products,
                    counts.polynomial_products,
                    counts.elements,
                    counts.macs,
                    counts.parameters,
                    work.gathered_elements,
                    work.input_elements};
        case LayerType::relu:
            return {comparisons, root, compared, work.truncates ? counts.elements : 0};
        case LayerType::maxpool:
        case LayerType::avgpool:
            return {comparisons, root, compared, work.input_elements};
        case LayerType::bn: {
            const double ciphertexts = counts.input_ciphertexts;
            return work.is_homomorphic ? OwnTerms{1, ciphertexts} : OwnTerms{1, 0, ciphertexts, counts.elements};
        }
        case LayerType::trunc:
            return {comparisons, root, compared};
        case LayerType::fc:
            return {1,
                    counts.input_ciphertexts,
                    counts.output_ciphertexts,
                    counts.polynomial_products,
                    counts.parameters,
                    work.input_channels,
                    counts.cache_conflict_parameters,
                    counts.severe_cache_conflict_parameters};
    }
    return {};
}

std::array<double, wait_term_count> wait_terms(training::Role role, LayerType type, const Place& place, double refills,
                                               const BothRoles& previous) noexcept {
    if (is_linear(type)) {
        return {};
    }
    const double ahead = role == training::Role::server ? previous[0] - previous[1] : previous[1] - previous[0];
    const bool is_server = role == training::Role::server;
    return {refills,
            place.first_touch_draws,
            place.follows_linear ? std::max(ahead, 0.0) : 0.0,
            is_server ? place.matrix_before : 0,
            is_server ? place.conflicts_before : 0,
            is_server ? place.severe_before : 0};
}

bool PhysicalTimes::knows(const OwnWorkload& work) const noexcept {
    if (!knows(work.type) || work.type != LayerType::bn || work.is_homomorphic) {
        return knows(work.type);
    }
    // The terms of elementwise products alone; a fit without one leaves them at 0.
    return std::any_of(roles_.begin(), roles_.end(), [](const Role& role) {
        const OwnTerms& own = role.own[static_cast<std::size_t>(LayerType::bn)];
        return own[2] > 0 || own[3] > 0;
    });
}

BothRoles PhysicalTimes::own_ms(const OwnWorkload& work) const noexcept {
    const OwnTerms terms = own_terms(work);
    BothRoles result{};
    for (std::size_t role = 0; role < result.size(); ++role) {
        result[role] = std::max(product(roles_[role].own[static_cast<std::size_t>(work.type)], terms), least_own_ms);
    }
    return result;
}

BothRoles PhysicalTimes::wait_ms(const OwnWorkload& work, const Place& place,
                                 const BothRoles& previous) const noexcept {
    BothRoles result{};
    for (std::size_t role = 0; role < result.size(); ++role) {
        result[role] = product(roles_[role].wait, wait_terms(static_cast<training::Role>(role), work.type, place,
                                                             place.refills, previous));
    }
    return result;
}

BothRoles PhysicalTimes::expected_wait_ms(const OwnWorkload& work, const Place& place,
                                          const BothRoles& previous) const noexcept {
    BothRoles result{};
    for (std::size_t role = 0; role < result.size(); ++role) {
        result[role] = product(roles_[role].wait, wait_terms(static_cast<training::Role>(role), work.type, place,
                                                             work.forward_use + work.backward_use, previous));
    }
    return result;
}

}  // namespace sotto::learned
