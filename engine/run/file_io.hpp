// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace sotto::run {

/// A file descriptor of its own. -1: none.
class FileDescriptor {
  public:
    explicit FileDescriptor(int number) : number_(number) {}
    ~FileDescriptor();
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;

    int number() const noexcept { return number_; }
    /// Closes it now: the return value of close().
    int close() noexcept;

  private:
    int number_;
};

/// `PROBLEM: REASON`, the reason as the system words errno.
std::string with_reason(std::string_view problem, int error_number);

/// Writes `path` whole or not at all: a temporary file beside it, flushed to the disk, renamed. Throws RunError.
void write_whole(const std::filesystem::path& path, std::string_view text);

/// Throws RunError.
std::string read_whole(const std::filesystem::path& path);

/// Flushes a directory, so that what was renamed into it survives a loss of power.
void flush_directory(const std::filesystem::path& path);

}  // namespace sotto::run
