// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "bench/cost_models_report/report_data.hpp"

namespace sotto::report {

/// Everything in the report but the points of the picture; what has no value is null. `format` is
/// sotto.cost-models-report/1.
nlohmann::ordered_json to_json(const Report& report);

}  // namespace sotto::report
