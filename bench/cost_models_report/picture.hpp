// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "bench/cost_models_report/report_data.hpp"

namespace sotto::report {

/// Predicted against measured times as an SVG: a column for each model, a row each for operations of unseen
/// configurations, published networks left out and measured networks left out, with logarithmic axes and the diagonal.
std::string to_svg(const Report& report);

}  // namespace sotto::report
