// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/result_stream.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace sotto::tools {

ResultStream::ResultStream() : descriptor_(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)) {
    if (descriptor_ >= 0) {
        dup2(STDERR_FILENO, STDOUT_FILENO);
    }
}

ResultStream::~ResultStream() {
    if (descriptor_ >= 0) {
        std::fflush(stdout);
        dup2(descriptor_, STDOUT_FILENO);
        close(descriptor_);
    }
}

bool ResultStream::print(const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t count = write(descriptor_, text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        done += static_cast<std::size_t>(count);
    }
    return descriptor_ >= 0;
}

}  // namespace sotto::tools
