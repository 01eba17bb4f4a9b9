// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "engine/random/random.hpp"

namespace sotto::search {

/// Bayesian linear regression of several targets on one set of features, one observation at a time (Bishop, "Pattern
/// Recognition and Machine Learning", 2006, section 3.3): a ridge prior, a Gaussian posterior, and draws from it, so
/// that choices by a draw explore where little is known (Thompson sampling: Russo et al., "A tutorial on Thompson
/// sampling", 2018).
///
/// Features and targets are standardised by the observations that fix() saw. Memory does not grow with the number of
/// observations: (features^2 + features x targets) numbers. An observation costs features^2, fit() features^3 / 3.
/// Every result is a function of the calls in their order. Not thread-safe.
class LinearSurrogate {
  public:
    LinearSurrogate(std::size_t features, std::size_t targets);
    ~LinearSurrogate();
    LinearSurrogate(LinearSurrogate&&) noexcept;
    LinearSurrogate& operator=(LinearSurrogate&&) noexcept;

    /// Fixes the scales from a first set of rows (row-major), and learns them. Call once, before learn, with at least
    /// one row.
    void fix(std::span<const double> features, std::span<const double> targets);
    bool is_fixed() const noexcept;

    void learn(std::span<const double> features, std::span<const double> targets);

    /// Solves for the weights given all that was learned, and draws one set of them from the posterior.
    void fit(random::Stream& stream);

    /// Values of the targets by the mean of the posterior, or by the weights drawn. After fit().
    void predict(std::span<const double> features, std::span<double> targets) const;
    void predict_drawn(std::span<const double> features, std::span<double> targets) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sotto::search
