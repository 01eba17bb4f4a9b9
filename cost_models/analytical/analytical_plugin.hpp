// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sotto/plugin.h"

namespace sotto::analytical {

/// The published analytical latency model as a plug-in: id `analytical`, needs the secure program alone.
///
/// Parameters: `setting` (local, lan or wan; default lan), `coefficients` (a file in the form of the one that ships;
/// default: the one that ships). Metrics: `latency.client_ms`, `latency.server_ms`, `latency.total_ms`, the last the
/// larger of the two, since the clocks of both parties include waiting for each other. Extension
/// `sotto.per-operation/1`: the total of an operation is that of the slower party over the whole program, so that they
/// sum. An operation of a kind that was not measured (argmax) is unsupported by name. An operation's time is never less
/// than 0; docs/cost_models.md tells when that matters. Thread level shared, deterministic.
const sotto_plugin_entry_v1& analytical_plugin_entry();

}  // namespace sotto::analytical
