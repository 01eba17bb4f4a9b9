// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sotto/plugin.h"

namespace sotto::protocol {

/// The latency model of what protocols do as a plug-in: id `protocol`, needs the secure program alone.
///
/// Parameters: `setting`, `engine`, `file` as every cost model has them; `bandwidth_mbps` and `rtt_ms` of another link
/// than the setting's, `bit_length` of another ring than the engine's (0 each: as measured). What a model was not
/// fitted on is answered, with one warning in the log and a larger deviation (Spread::deviation_ms). Metrics:
/// `latency.client_ms`, `latency.server_ms`, `latency.total_ms` (what that is depends on the measurements:
/// docs/cost_models.md), `comm.client_bytes`, `comm.server_bytes`, `rounds`. All extensions. Operations that were not
/// measured are unsupported by name. Thread level shared, deterministic.
const sotto_plugin_entry_v1& protocol_plugin_entry();

}  // namespace sotto::protocol
