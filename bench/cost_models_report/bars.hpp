// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "bench/cost_models_report/report_data.hpp"

namespace sotto::report {

/// What the models are to reach (docs/cost_models.md).

/// R2 on unseen configurations.
double least_grouped_r2(std::string_view setting, std::string_view layer);

/// Whether a published cell is met again: R2 within .01 of what the seeds span, the error within 3 ms.
bool is_reproduced(const LayerFigure& published, const LayerResult& result);

/// Whether a result is at least as good as every published method, at the digits that were published (R2 to .001,
/// errors to 1 ms).
bool matches_or_beats(const std::map<std::string, LayerFigure>& published, const LayerResult& result);

/// Errors of reference networks that were left out, in percent.
inline constexpr double most_left_out_error = 3;          ///< each one, of the best model
inline constexpr double most_mean_left_out_error = 1.5;   ///< their mean, of the best model
inline constexpr double most_learned_left_out_error = 6;  ///< each one, of mlp and lstm

/// Errors of our own networks that were left out, in percent.
struct MeasuredBar {
    double mean;
    double worst;
};
MeasuredBar measured_bar(std::string_view setting);

/// Microseconds for a network in a batch; 0 where nothing was asked.
double most_microseconds(std::string_view model);

inline constexpr double least_coverage = 0.85;
inline constexpr double most_coverage = 0.95;

}  // namespace sotto::report
