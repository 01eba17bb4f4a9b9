// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "engine/run/run_error.hpp"

namespace sotto::run {

/// The directory that holds everything of one run (docs/formats.md). Files are written whole or not at all: to a
/// temporary name beside them, flushed to the disk, then renamed. Every function throws RunError with path and the
/// system's reason. Not thread-safe.
///
/// While an object (or a copy of it) lives, no other program can open the directory for writing. Programs that only
/// read a run open its Store with Access::read_only and need no RunDirectory.
class RunDirectory {
  public:
    /// Whether create would take `path`: it is not there, or a directory that holds nothing, or nothing but `*.partial`
    /// (a run that was killed before it had a database).
    static bool is_free(const std::filesystem::path& path);

    /// Makes `path` and its parents. Refuses a directory that is not free, and a path that is not a directory.
    static RunDirectory create(const std::filesystem::path& path);

    /// `parent/STEM-SEED`, else `parent/STEM-SEED-2`, `-3`, ...: the first that does not exist. Safe when two programs
    /// start at once.
    static RunDirectory create_default(const std::filesystem::path& parent, std::string_view config_stem,
                                       std::uint64_t seed);

    /// The directory of an earlier run, to go on writing it; refuses one without `run.db`.
    static RunDirectory open(const std::filesystem::path& path);

    /// Absolute: the working directory may change.
    const std::filesystem::path& path() const noexcept { return path_; }
    std::filesystem::path database() const { return path_ / "run.db"; }

    /// Writes or replaces the file `relative` (below this directory; its parent is made).
    void write_file(const std::filesystem::path& relative, std::string_view text) const;
    std::string read_file(const std::filesystem::path& relative) const;

  private:
    struct Lock;

    explicit RunDirectory(const std::filesystem::path& path);

    std::filesystem::path path_;
    std::shared_ptr<Lock> lock_;
};

}  // namespace sotto::run
