// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

#include "sotto/plugin.h"

namespace sotto::test {

/// Plug-ins whose result depends on every operation and layer and on their order, and that score children from their
/// parents. They check what they are told of a prefix: an untruth is SOTTO_INTERNAL. Ids: `chained` (costly, any
/// threads), `chained-per-instance`, `chained-cheap`, `chained-random` (does not say that it is deterministic). Two
/// metrics, `chained.value` and `chained.work`: 0, or with the parameter counts_work the operations and layers that the
/// call looked at. Operations of a number of elements that 13 divides are unsupported.
const sotto_plugin_entry_v1& chained_plugin_entry();

/// States that live, in this process.
std::atomic<int>& chained_states();

}  // namespace sotto::test
