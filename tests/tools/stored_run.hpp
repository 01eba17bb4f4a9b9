// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sotto::tests {

/// Every file of a run directory but its database, names and contents, without the line of report.html that names
/// the configuration and tells of time.
std::string files_of(const std::string& directory);

/// What a run's database says of its candidates, evaluations, generations, operators and stages, without times.
std::string rows_of(const std::string& directory);

}  // namespace sotto::tests
