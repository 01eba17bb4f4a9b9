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
// A feature or target that hardly varies among the first observations is not blown up.
constexpr double least_deviation = 1e-9;

double normal(random::Stream& stream) {
    // Box and Muller, "A note on the generation of random normal deviates", 1958.
    const double radius = std::sqrt(-2 * std::log1p(-stream.unit()));
    return radius * std::cos(2 * std::numbers::pi * stream.unit());
}

struct Scale {
    Vector mean;
    Vector deviation;

    static Scale of(const Eigen::Ref<const Matrix>& rows) {
        Scale scale;
        scale.mean = rows.colwise().mean();
        scale.deviation = ((rows.rowwise() - scale.mean.transpose()).array().square().colwise().mean()).sqrt();
        for (double& deviation : scale.deviation) {
            deviation = deviation > least_deviation ? deviation : 1;
        }
        return scale;
    }
};

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace

struct LinearSurrogate::State {
    std::size_t features;
    std::size_t targets;
    bool fixed = false;
    Scale feature_scale;
    Scale target_scale;
    Matrix precision;  // lower triangle: prior plus the sum of the outer products of the features
    Matrix moments;    // features x targets
    Vector squares;    // of each target
    double observations = 0;
    Matrix weights;
    Matrix drawn;

    State(std::size_t feature_count, std::size_t target_count) : features(feature_count), targets(target_count) {
        // One more for the constant.
        const auto size = static_cast<Eigen::Index>(features) + 1;
        precision = Matrix::Identity(size, size) * prior_precision;
        moments = Matrix::Zero(size, static_cast<Eigen::Index>(targets));
        squares = Vector::Zero(static_cast<Eigen::Index>(targets));
    }

    Vector standardized(std::span<const double> row) const {
        assert(row.size() == features);
        Vector scaled(static_cast<Eigen::Index>(features) + 1);
        const Eigen::Map<const Vector> values(row.data(), static_cast<Eigen::Index>(features));
        scaled.head(values.size()) = (values - feature_scale.mean).cwiseQuotient(feature_scale.deviation);
        scaled[values.size()] = 1;
        return scaled;
    }

    void predict(const Matrix& by, std::span<const double> row, std::span<double> into) const {
        Eigen::Map<Vector> values(into.data(), static_cast<Eigen::Index>(targets));
        values = by.transpose() * standardized(row);
        values = values.cwiseProduct(target_scale.deviation) + target_scale.mean;
    }
};

LinearSurrogate::LinearSurrogate(std::size_t features, std::size_t targets)
    : state_(std::make_unique<State>(features, targets)) {}
LinearSurrogate::~LinearSurrogate() = default;
LinearSurrogate::LinearSurrogate(LinearSurrogate&&) noexcept = default;
LinearSurrogate& LinearSurrogate::operator=(LinearSurrogate&&) noexcept = default;

bool LinearSurrogate::is_fixed() const noexcept {
    return state_->fixed;
}

void LinearSurrogate::fix(std::span<const double> features, std::span<const double> targets) {
    State& state = *state_;
    assert(!state.fixed && !targets.empty() && features.size() * state.targets == targets.size() * state.features);
    const auto rows = static_cast<Eigen::Index>(targets.size() / state.targets);
    state.feature_scale =
        Scale::of(Eigen::Map<const RowMajor>(features.data(), rows, static_cast<Eigen::Index>(state.features)));
    state.target_scale =
        Scale::of(Eigen::Map<const RowMajor>(targets.data(), rows, static_cast<Eigen::Index>(state.targets)));
    state.fixed = true;
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
        learn(features.subspan(row * state.features, state.features),
              targets.subspan(row * state.targets, state.targets));
    }
}

void LinearSurrogate::learn(std::span<const double> features, std::span<const double> targets) {
    State& state = *state_;
    assert(state.fixed && targets.size() == state.targets);
    const Vector row = state.standardized(features);
    const Vector values =
        (Eigen::Map<const Vector>(targets.data(), static_cast<Eigen::Index>(state.targets)) - state.target_scale.mean)
            .cwiseQuotient(state.target_scale.deviation);
    state.precision.selfadjointView<Eigen::Lower>().rankUpdate(row);
    state.moments += row * values.transpose();
    state.squares += values.cwiseAbs2();
    state.observations += 1;
}

void LinearSurrogate::fit(random::Stream& stream) {
    State& state = *state_;
    assert(state.fixed);
    const Eigen::LLT<Matrix> factor(state.precision.selfadjointView<Eigen::Lower>());
    state.weights = factor.solve(state.moments);
    state.drawn = state.weights;
    for (Eigen::Index target = 0; target < state.moments.cols(); ++target) {
        Vector noise(state.moments.rows());
        for (double& value : noise) {
            value = normal(stream);
        }
        // The residual sum of squares of the penalised fit; one observation of the prior's spread beside it.
        const double residual =
            std::max(0.0, state.squares[target] - state.weights.col(target).dot(state.moments.col(target)));
        const double deviation = std::sqrt((residual + 1e-3) / (state.observations + 1));
        state.drawn.col(target) += deviation * factor.matrixU().solve(noise);
    }
}

void LinearSurrogate::predict(std::span<const double> features, std::span<double> targets) const {
    state_->predict(state_->weights, features, targets);
}

void LinearSurrogate::predict_drawn(std::span<const double> features, std::span<double> targets) const {
    state_->predict(state_->drawn, features, targets);
}

}  // namespace sotto::search
