// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "bench/cost_models_report/report_data.hpp"

namespace sotto::report {

/// The report for people: a table for every section, the published figure, ours and the limit side by side.
std::string to_text(const Report& report);

}  // namespace sotto::report
