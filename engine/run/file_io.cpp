// SPDX-License-Identifier: Apache-2.0
#include "engine/run/file_io.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "engine/run/run_error.hpp"

namespace sotto::run {
namespace {

enum class Flush { now, later };

int write_new(const std::filesystem::path& path, std::string_view text, Flush flush) {
    FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.number() < 0) {
        return errno;
    }
    if (const int error = write_all(file.number(), text)) {
        return error;
    }
    // Some file systems report a full disk only when the data leaves the cache.
    if ((flush == Flush::now && ::fsync(file.number()) != 0) || file.close() != 0) {
        return errno;
    }
    return 0;
}

}  // namespace

FileDescriptor::~FileDescriptor() {
    close();
}

int FileDescriptor::close() noexcept {
    const int number = std::exchange(number_, -1);
    return number < 0 ? 0 : ::close(number);
}

std::string with_reason(std::string_view problem, int error_number) {
    return std::string(problem) + ": " + std::generic_category().message(error_number);
}

int write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return errno;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

void write_whole(const std::filesystem::path& path, std::string_view text) {
    std::filesystem::path partial = path;
    partial += ".partial";
    int error = write_new(partial, text, Flush::now);
    if (error == 0 && ::rename(partial.c_str(), path.c_str()) != 0) {
        error = errno;
    }
    if (error != 0) {
        ::unlink(partial.c_str());
        throw RunError(path, with_reason("cannot be written", error));
    }
    flush_directory(path.parent_path());
}

void write_unflushed(const std::filesystem::path& path, std::string_view text) {
    std::error_code failure;
    std::filesystem::create_directories(path.parent_path(), failure);
    const int error = failure ? failure.value() : write_new(path, text, Flush::later);
    if (error != 0) {
        throw RunError(path, with_reason("cannot be written", error));
    }
}

void flush_file_system(const std::filesystem::path& path) {
    const FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.number() < 0 || ::syncfs(directory.number()) != 0) {
        throw RunError(path, with_reason("cannot be written", errno));
    }
}

std::string read_whole(const std::filesystem::path& path) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) {
        throw RunError(path, with_reason("cannot be read", errno));
    }
    std::string text;
    std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t count = ::read(file.number(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            throw RunError(path, with_reason("cannot be read", errno));
        }
        if (count == 0) {
            return text;
        }
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

void flush_directory(const std::filesystem::path& path) {
    const FileDescriptor directory(::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.number() < 0 || ::fsync(directory.number()) != 0) {
        // File systems that cannot flush a directory say EINVAL: there is nothing more to do on them.
        if (errno != EINVAL) {
            throw RunError(path, with_reason("cannot be flushed", errno));
        }
    }
}

}  // namespace sotto::run
