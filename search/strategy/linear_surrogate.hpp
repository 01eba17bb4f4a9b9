// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "engine/random/random.hpp"

namespace sotto::search {

/// Bayesian linear regression of several targets on one set of features, observation by observation (Bishop, "Pattern
/// Recognition and Machine Learning", 2006, section 3.3): a ridge prior, a Gaussian posterior, and draws from it, so
/// that choices by a draw explore where little is known (Thompson sampling: Russo et al., "A tutorial on Thompson
/// sampling", 2018).
///
/// Features are standardised by the rows that scale() saw, targets by all that were learned. Memory does not grow with
/// the number of observations: (features^2 + features x targets) numbers. An observation costs features^2, fit()
/// features^3 / 3. Every result is a function of the calls in their order. Not thread-safe.
class LinearSurrogate {
  public:
    LinearSurrogate(std::size_t features, std::size_t targets);
    ~LinearSurrogate();
    LinearSurrogate(LinearSurrogate&&) noexcept;
    LinearSurrogate& operator=(LinearSurrogate&&) noexcept;

    /// Fixes the features' scales by rows (row-major, at least one), which are not learned. Call once, before learn.
    void scale(std::span<const double> rows);
    bool is_scaled() const noexcept;

    /// Any number of observations, one behind the other.
    void learn(std::span<const double> features, std::span<const double> targets);
    std::size_t observations() const noexcept;

    /// Solves for the weights given all that was learned (at least one observation), and draws one set of them from the
    /// posterior.
    void fit(random::Stream& stream);

    /// Values of the targets by the mean of the posterior, and by the weights drawn where `drawn` is not empty. After
    /// fit(); several calls may run at once.
    void predict(std::span<const double> features, std::span<double> mean, std::span<double> drawn = {}) const;

    /// The standard deviation of what was learned about the fit. After fit().
    double deviation(std::size_t target) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sotto::search
