// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sotto::tests {

/// How a program ended and what it wrote.
struct Outcome {
    int exit_code = -1;  ///< -1 where a signal ended it
    int signal = 0;
    std::string output;
    std::string errors;
};

/// Runs a program to its end. `environment`: `NAME=value`, added to this process's. `folder`: where it starts.
Outcome run_program(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {},
                    const std::filesystem::path& folder = {});

/// A folder of its own, removed at the end.
class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, const std::string& text);

/// What a program wrote, line by line; and a line of a table without quotes, field by field.
std::vector<std::string> lines_of(const std::string& text);
std::vector<std::string> fields_of(const std::string& line);

}  // namespace sotto::tests
