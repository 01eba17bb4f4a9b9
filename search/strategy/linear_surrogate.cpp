// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/linear_surrogate.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace sotto::search {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

// Precision of the prior on weights of standardised features, in observations.
constexpr double prior_precision = 1;
// A feature that hardly varies among the first rows is not blown up.
constexpr double least_deviation = 1e-9;
// Of the targets' variance, what counts as noise before anything is known of it.
constexpr double least_noise = 1e-3;

double normal(random::Stream& stream) {
    // Box and Muller, "A note on the generation of random normal deviates", 1958.
    const double radius = std::sqrt(-2 * std::log1p(-stream.unit()));
    return radius * std::cos(2 * std::numbers::pi * stream.unit());
}

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace

struct LinearSurrogate::State {
    Eigen::Index features;
    Eigen::Index targets;
    bool scaled = false;
    Vector mean;       // of the features
    Vector spread;     // their standard deviations
    Matrix precision;  // lower triangle: prior plus the sum of the outer products of the features
    Matrix moments;    // features x targets
    Vector sums;       // of the features
    Vector target_sums;
    Vector target_squares;
    std::size_t observations = 0;
    Vector target_mean;
    Matrix weights;
    Matrix drawn;
    Vector deviations;

    State(std::size_t feature_count, std::size_t target_count)
        : features(static_cast<Eigen::Index>(feature_count)), targets(static_cast<Eigen::Index>(target_count)) {
        const Eigen::Index size = features + 1;  // one more for the constant
        precision = Matrix::Identity(size, size) * prior_precision;
        moments = Matrix::Zero(size, targets);
        sums = Vector::Zero(size);
        target_sums = Vector::Zero(targets);
        target_squares = Vector::Zero(targets);
        deviations = Vector::Zero(targets);
    }

    // One column for each row given.
    Matrix standardized(std::span<const double> rows) const {
        assert(scaled && static_cast<Eigen::Index>(rows.size()) % features == 0);
        const Eigen::Index count = static_cast<Eigen::Index>(rows.size()) / features;
        Matrix values(features + 1, count);
        values.topRows(features) =
            (Eigen::Map<const Matrix>(rows.data(), features, count).colwise() - mean).array().colwise() /
            spread.array();
        values.bottomRows(1).setOnes();
        return values;
    }
};

LinearSurrogate::LinearSurrogate(std::size_t features, std::size_t targets)
    : state_(std::make_unique<State>(features, targets)) {}
LinearSurrogate::~LinearSurrogate() = default;
LinearSurrogate::LinearSurrogate(LinearSurrogate&&) noexcept = default;
LinearSurrogate& LinearSurrogate::operator=(LinearSurrogate&&) noexcept = default;

bool LinearSurrogate::is_scaled() const noexcept {
    return state_->scaled;
}

std::size_t LinearSurrogate::observations() const noexcept {
    return state_->observations;
}

double LinearSurrogate::deviation(std::size_t target) const {
    return state_->deviations[static_cast<Eigen::Index>(target)];
}

void LinearSurrogate::scale(std::span<const double> rows) {
    State& state = *state_;
    assert(!state.scaled && !rows.empty());
    const Eigen::Map<const RowMajor> matrix(rows.data(), static_cast<Eigen::Index>(rows.size()) / state.features,
                                            state.features);
    state.mean = matrix.colwise().mean();
    state.spread = (matrix.rowwise() - state.mean.transpose()).array().square().colwise().mean().sqrt();
    for (double& spread : state.spread) {
        spread = spread > least_deviation ? spread : 1;
    }
    state.scaled = true;
}

void LinearSurrogate::learn(std::span<const double> features, std::span<const double> targets) {
    if (features.empty()) {
        return;
    }
    State& state = *state_;
    const Matrix rows = state.standardized(features);
    assert(static_cast<Eigen::Index>(targets.size()) == state.targets * rows.cols());
    const Eigen::Map<const Matrix> values(targets.data(), state.targets, rows.cols());
    state.precision.selfadjointView<Eigen::Lower>().rankUpdate(rows);
    state.moments += rows * values.transpose();
    state.sums += rows.rowwise().sum();
    state.target_sums += values.rowwise().sum();
    state.target_squares += values.cwiseAbs2().rowwise().sum();
    state.observations += static_cast<std::size_t>(rows.cols());
}

void LinearSurrogate::fit(random::Stream& stream) {
    State& state = *state_;
    assert(state.observations > 0);
    const auto count = static_cast<double>(state.observations);
    const Eigen::LLT<Matrix, Eigen::Lower> factor(state.precision);  // reads the lower triangle alone
    state.target_mean = state.target_sums / count;
    const Matrix centred = state.moments - state.sums * state.target_mean.transpose();
    state.weights = factor.solve(centred);
    state.drawn = state.weights;
    for (Eigen::Index target = 0; target < state.targets; ++target) {
        Vector noise(state.features + 1);
        for (double& value : noise) {
            value = normal(stream);
        }
        const double total =
            std::max(0.0, state.target_squares[target] - count * state.target_mean[target] * state.target_mean[target]);
        // The residual sum of squares of the penalised fit, and a trace of the whole as the noise's own prior.
        const double residual = std::max(0.0, total - state.weights.col(target).dot(centred.col(target)));
        state.deviations[target] = std::sqrt((residual + least_noise * total / count) / (count + 1));
        state.drawn.col(target) += state.deviations[target] * factor.matrixU().solve(noise);
    }
}

void LinearSurrogate::predict(std::span<const double> features, std::span<double> mean, std::span<double> drawn) const {
    const State& state = *state_;
    assert(static_cast<Eigen::Index>(mean.size()) == state.targets && (drawn.empty() || drawn.size() == mean.size()));
    const Vector row = state.standardized(features);
    Eigen::Map<Vector>(mean.data(), state.targets) = state.weights.transpose() * row + state.target_mean;
    if (!drawn.empty()) {
        Eigen::Map<Vector>(drawn.data(), state.targets) = state.drawn.transpose() * row + state.target_mean;
    }
}

}  // namespace sotto::search
