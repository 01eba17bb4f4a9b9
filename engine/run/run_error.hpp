// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

namespace sotto::run {

/// The run's directory or database could not be made, written or read: `PATH: what was tried: REASON`. What was saved
/// before stays readable.
class RunError : public std::runtime_error {
  public:
    RunError(std::filesystem::path path, const std::string& problem);

    const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

/// What is to be stored contradicts what the run has stored: it goes another way than it did.
class OtherRunError : public RunError {
  public:
    using RunError::RunError;
};

}  // namespace sotto::run
