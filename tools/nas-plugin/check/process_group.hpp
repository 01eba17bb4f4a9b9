// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace sotto::check {

/// A process group with more is ended, so that a plug-in that forks without end does not hold the machine.
/// (RLIMIT_NPROC counts all processes of a user, and none of root's.)
inline constexpr std::size_t most_processes = 64;

enum class Ending : std::uint8_t { by_itself, time_over, too_many_processes };

/// Waits until `first`, a child of this process and the first of a process group of its own, ends, the time is over, or
/// its group is too large; the group is counted ten times a second. Ends nothing itself.
Ending wait_for_end(pid_t first, double seconds);

/// Kills the whole group at once, so that none of it can fork on, and `first` wherever it went. Before `first` is
/// waited for: afterwards another process may have its number.
void kill_group(pid_t first) noexcept;

}  // namespace sotto::check
