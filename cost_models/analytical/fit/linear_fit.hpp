// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cost_models/analytical/coefficients.hpp"
#include "cost_models/analytical/fit/measured_rows.hpp"

namespace sotto::analytical {

/// Fits one layer type to the rows whose index is in `chosen` (at least one): every feature is scaled to [0, 1] by its
/// least and most value among them, then weighted by non-negative least squares together with the intercept, where the
/// type has one. Fills rows, intercept and terms.
Fit fit_rows(LayerType type, const MeasuredRows& rows, std::span<const std::size_t> chosen);

/// What a fit predicts, in milliseconds.
double predict(const Fit& fit, const FeatureValues& values);

/// Errors of predictions against times, pooled over all: R2 is 1 - sum of squared errors / sum of squared deviations
/// from the mean time.
Errors errors_of(std::span<const double> predicted_ms, std::span<const double> times_ms);

/// How rows are dealt to the folds of a cross-validation.
enum class Split : std::uint8_t {
    rows,            ///< shuffled rows: a test row's configuration is nearly always in the training rows too
    configurations,  ///< all rows of a configuration in one fold
};

/// Errors on held-out rows. The shuffle is a function of `stream` alone.
Errors cross_validate(LayerType type, const MeasuredRows& rows, Split split, std::uint32_t folds, std::uint32_t stream);

/// Everything at once: reads DIRECTORY/{local,lan,wan}/{client,server}/{conv,...}.csv, fits and cross-validates all 42
/// cases, rounds to 10 significant digits (so that the last bits of an addition order do not show). Throws
/// input::InputError.
Coefficients fit_directory(const std::string& directory);

}  // namespace sotto::analytical
