// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>

#include "sotto/plugin.h"

namespace sotto::plugin {

/// What an instance keeps of candidates it scored (sotto_incremental_state), so that a candidate that begins as one of
/// them did is scored from there. Holds the states of the `most_states` candidates that were kept or begun from last.
/// [any thread]
class PrefixStates {
  public:
    static constexpr std::size_t most_states = 64;

    /// Both outlive this object. needs_...: the views that the plug-in asks for.
    PrefixStates(sotto_instance* instance, const sotto_incremental& extension, bool needs_network, bool needs_program);
    ~PrefixStates();
    PrefixStates(const PrefixStates&) = delete;
    PrefixStates& operator=(const PrefixStates&) = delete;

    class Kept;
    /// A candidate that was scored, and how much of another one is the same; null where none shares anything.
    struct Parent {
        std::shared_ptr<const Kept> kept;  ///< its state lives as long
        sotto_prefix prefix{};             ///< of kept
    };

    /// The one that shares most operations with `candidate`; layers, where the plug-in does not need the program.
    Parent closest(const sotto_candidate& candidate);

    /// Takes the state of `candidate`, which the instance gave and which is released here.
    void keep(const sotto_candidate& candidate, sotto_incremental_state* state);

    const sotto_incremental& extension() const noexcept { return extension_; }

  private:
    sotto_instance* instance_;
    const sotto_incremental& extension_;
    bool needs_network_;
    bool needs_program_;
    std::mutex mutex_;
    std::list<std::shared_ptr<const Kept>> states_;  // last used first
};

}  // namespace sotto::plugin
