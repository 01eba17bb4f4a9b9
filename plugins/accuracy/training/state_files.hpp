// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "sotto/plugin.h"

#include "plugins/accuracy/training/checkpoint.hpp"

namespace sotto::accuracy {

/// What a state directory keeps of one training: `NAME.checkpoint` to go on from, and `NAME.csv`, its learning curve.
///
/// While an object lives, no other of the process has the same name: a second constructor waits, so that two threads
/// do not train one candidate twice. It throws CandidateError with SOTTO_CANCELLED when the host, which may be null,
/// says stop.
class StateFiles {
  public:
    StateFiles(const std::filesystem::path& directory, const std::string& name, const sotto_host* host);
    ~StateFiles();
    StateFiles(const StateFiles&) = delete;
    StateFiles& operator=(const StateFiles&) = delete;

    const std::filesystem::path& checkpoint_path() const noexcept { return checkpoint_; }

    /// None where there is no file. Throws input::InputError for one that is not a checkpoint with this identity.
    std::optional<Checkpoint> read(const std::string& identity) const;

    /// Makes the directory where it is missing. Each file is written whole or not at all; run::RunError where it cannot
    /// be.
    void write(const Checkpoint& checkpoint) const;

  private:
    std::filesystem::path checkpoint_;
    std::filesystem::path curve_;
};

}  // namespace sotto::accuracy
