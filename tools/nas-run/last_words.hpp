// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tools/command_line/unfinished_work.hpp"

namespace sotto::tools {

/// What nas-run says where it cannot go on to say anything: in a signal's handler, in a plug-in's crash. One at a time.
class LastWords {
  public:
    /// Nothing is saved so far.
    LastWords();
    ~LastWords();
    LastWords(const LastWords&) = delete;
    LastWords& operator=(const LastWords&) = delete;

    /// From now on what is evaluated is saved in `directory`. `quiet`: the first signal is not answered.
    void saved_in(const std::filesystem::path& directory, bool quiet);

  private:
    // Read by signal handlers.
    std::string crash_;
    std::string stopping_;
    std::string ended_;
    std::optional<UnfinishedWork> unfinished_;
};

}  // namespace sotto::tools
