// SPDX-License-Identifier: Apache-2.0
#include "engine/run/run_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <system_error>

#include "engine/run/file_io.hpp"

namespace sotto::run {
namespace {

void make_directories(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) {
        throw RunError(path, with_reason("the directory cannot be made", error.value()));
    }
}

// What a run left that was killed before it had a database: nothing worth keeping.
bool is_remains(const std::filesystem::path& path) {
    return path.extension() == ".partial";
}

}  // namespace

// The lock goes with the descriptor, however the process ends.
struct RunDirectory::Lock {
    explicit Lock(const std::filesystem::path& path)
        : directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

    FileDescriptor directory;
};

RunDirectory::RunDirectory(const std::filesystem::path& path)
    : path_(std::filesystem::absolute(path).lexically_normal()) {
    lock_ = std::make_shared<Lock>(path_);
    if (lock_->directory.number() < 0) {
        throw RunError(path_, with_reason("the directory cannot be opened", errno));
    }
    // Where the file system has no locks (some network ones), the run goes without.
    if (::flock(lock_->directory.number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        throw RunError(path_, "another program is writing this run");
    }
}

bool RunDirectory::is_free(const std::filesystem::path& path) {
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) {
        return true;
    }
    if (!std::filesystem::is_directory(status)) {
        return false;
    }
    const std::filesystem::directory_iterator entries(path, error);
    if (error) {
        throw RunError(path, with_reason("the directory cannot be read", error.value()));
    }
    return std::all_of(begin(entries), end(entries), [](const auto& entry) { return is_remains(entry.path()); });
}

RunDirectory RunDirectory::create(const std::filesystem::path& path) {
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(path, error);
    if (std::filesystem::exists(status)) {
        if (!std::filesystem::is_directory(status)) {
            throw RunError(path, "found a file, expected a directory or nothing");
        }
        if (!is_free(path)) {
            throw RunError(path, "the directory is not empty; a new run needs one that is empty or does not exist");
        }
    }
    make_directories(path);
    return RunDirectory(path);
}

RunDirectory RunDirectory::create_default(const std::filesystem::path& parent, std::string_view config_stem,
                                          std::uint64_t seed) {
    make_directories(parent);
    const std::string stem = std::string(config_stem) + '-' + std::to_string(seed);
    for (std::uint64_t number = 1;; ++number) {
        const std::filesystem::path path = parent / (number == 1 ? stem : stem + '-' + std::to_string(number));
        if (::mkdir(path.c_str(), 0777) == 0) {
            return RunDirectory(path);
        }
        if (errno != EEXIST) {
            throw RunError(path, with_reason("the directory cannot be made", errno));
        }
    }
}

RunDirectory RunDirectory::open(const std::filesystem::path& path) {
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) {
        throw RunError(path, with_reason("not a run directory", error ? error.value() : ENOENT));
    }
    if (!std::filesystem::is_directory(status)) {
        throw RunError(path, "found a file, expected a run directory");
    }
    if (!std::filesystem::exists(path / "run.db", error)) {
        throw RunError(path, "not a run directory: it holds no run.db");
    }
    return RunDirectory(path);
}

void RunDirectory::write_file(const std::filesystem::path& relative, std::string_view text) const {
    assert(relative.is_relative() && std::find(relative.begin(), relative.end(), "..") == relative.end());
    const std::filesystem::path path = path_ / relative;
    make_directories(path.parent_path());
    write_whole(path, text);
}

std::string RunDirectory::read_file(const std::filesystem::path& relative) const {
    return read_whole(path_ / relative);
}

}  // namespace sotto::run
