// SPDX-License-Identifier: Apache-2.0
#include "engine/run/run_error.hpp"

#include <utility>

namespace sotto::run {

RunError::RunError(std::filesystem::path path, const std::string& problem)
    : std::runtime_error(path.string() + ": " + problem), path_(std::move(path)) {}

}  // namespace sotto::run
