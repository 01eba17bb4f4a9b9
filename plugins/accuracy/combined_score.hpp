// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plugins/accuracy/graph.hpp"
#include "plugins/accuracy/naswot.hpp"
#include "plugins/accuracy/synflow.hpp"

namespace sotto::accuracy {

/// The default objective, higher is better; a function of the candidate alone. docs/accuracy_proxies.md gives the
/// formula and the reasons.
double combined_score(const Graph& graph, const SynapticFlow& flow, const ActivationPatterns& patterns);

}  // namespace sotto::accuracy
