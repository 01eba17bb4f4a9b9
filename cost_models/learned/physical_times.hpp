// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "cost_models/learned/workload.hpp"
#include "cost_models/training/training_set.hpp"

namespace sotto::learned {

inline constexpr std::size_t most_own_terms = 10;
inline constexpr std::size_t wait_term_count = 6;

/// What the time of an operation by itself is linear in, a value for each of own_term_names(type); the rest is 0.
using OwnTerms = std::array<double, most_own_terms>;
std::size_t own_term_count(LayerType type) noexcept;
OwnTerms own_terms(const OwnWorkload& work) noexcept;

/// Two times of one operation, by role.
using BothRoles = std::array<double, training::role_count>;

/// The part of the learned models that extrapolates: times linear in counts of the protocol, with coefficients >= 0.
///
///     time = own(operation) + wait(what ran before)
///
/// Own times depend on the operation alone; the networks of `mlp` and `lstm` correct them by a factor. Waits do not:
///   - refills of the pools of oblivious transfers (Yang et al., "Ferret", CCS 2020);
///   - memory that is touched for the first time in this program;
///   - a party that is done with a linear operation earlier waits in the next one for the other: the lag;
///   - the server waits for the client's layout of the weights after a fully connected layer.
class PhysicalTimes {
  public:
    /// Least time of an operation by itself, in milliseconds.
    static constexpr double least_own_ms = 0.05;

    struct Role {
        std::array<OwnTerms, layer_type_count> own{};  ///< milliseconds for each unit of the term
        std::array<double, wait_term_count> wait{};    ///< of wait_terms()
    };

    Role& of(training::Role role) noexcept { return roles_[static_cast<std::size_t>(role)]; }
    const Role& of(training::Role role) const noexcept { return roles_[static_cast<std::size_t>(role)]; }

    /// Whether the layer type was measured at all.
    bool knows(LayerType type) const noexcept { return known_[static_cast<std::size_t>(type)]; }
    /// Whether the layer type was measured, and for an elementwise product or normalisation, whether the fit has a price
    /// of one: an engine that runs every normalisation homomorphically tells nothing about them.
    bool knows(const OwnWorkload& work) const noexcept;
    void set_known(LayerType type) noexcept { known_[static_cast<std::size_t>(type)] = true; }

    BothRoles own_ms(const OwnWorkload& work) const noexcept;

    /// previous: the own times, as predicted, of the operation before; not looked at where it was not linear.
    BothRoles wait_ms(const OwnWorkload& work, const Place& place, const BothRoles& previous) const noexcept;
    BothRoles wait_ms(const Workload& work, const BothRoles& previous) const noexcept {
        return wait_ms(work, work, previous);
    }

    /// The same with the number of refills that are expected where the position is not known.
    BothRoles expected_wait_ms(const OwnWorkload& work, const Place& place, const BothRoles& previous) const noexcept;
    BothRoles expected_wait_ms(const Workload& work, const BothRoles& previous) const noexcept {
        return expected_wait_ms(work, work, previous);
    }

  private:
    std::array<Role, training::role_count> roles_{};
    std::array<bool, layer_type_count> known_{};
};

/// What the wait of `role` is linear in: refills, first-touched transfers, lag, and the three of the weights before.
std::array<double, wait_term_count> wait_terms(training::Role role, LayerType type, const Place& place, double refills,
                                               const BothRoles& previous) noexcept;
inline std::array<double, wait_term_count> wait_terms(training::Role role, const Workload& work, double refills,
                                                      const BothRoles& previous) noexcept {
    return wait_terms(role, work.type, work, refills, previous);
}

}  // namespace sotto::learned
