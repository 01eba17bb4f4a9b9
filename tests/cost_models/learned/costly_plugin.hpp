// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sotto/plugin.h"

namespace sotto::sample {

/// The library of `mlp` and `lstm`.
const sotto_plugin_entry_v1& learned_plugin_entry();

/// The same, but that its plug-ins say they are costly: the host then gives them one candidate at a time and keeps
/// their states (sotto.incremental).
const sotto_plugin_entry_v1& costly_learned_plugin_entry();

}  // namespace sotto::sample
