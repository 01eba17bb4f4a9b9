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

/// Writes all of `text`: 0 or errno.
int write_all(int file, std::string_view text);

/// Writes `path` whole or not at all: a temporary file beside it, flushed to the disk, renamed. Throws RunError.
void write_whole(const std::filesystem::path& path, std::string_view text);

/// Writes a file and leaves it to the caller to flush it (flush_file_system), as is quicker for many. Makes the
/// parents. Throws RunError.
void write_unflushed(const std::filesystem::path& path, std::string_view text);

/// Flushes the file system that holds the directory `path`: one wait for any number of files. Throws RunError.
void flush_file_system(const std::filesystem::path& path);

/// Throws RunError.
std::string read_whole(const std::filesystem::path& path);

/// Flushes a directory, so that what was renamed into it survives a loss of power.
void flush_directory(const std::filesystem::path& path);

}  // namespace sotto::run
