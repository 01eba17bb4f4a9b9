// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>

#include "engine/plugin/registry.hpp"
#include "search/loop/run_configuration.hpp"

namespace sotto::search {

/// A proxy may want to know how its metrics vary in the space of the run. One that declares the parameters `fit_sample`
/// (an integer) and `fitted` (a text) is fitted where the configuration gives `fit_sample` more than 0 and `fitted`
/// nothing: that many random members of the space are scored with the plug-in as it is configured, and `fitted` becomes
///
///     <metric> <mean> <standard deviation>, <metric> <mean> <standard deviation>, ...
///
/// with every metric of the plug-in, in its order; deviations are those of the members (divided by their number). Any
/// value counts, a placeholder too: nothing tells it from another. From then on the text is part of the configuration,
/// so a candidate's score depends on the candidate alone, and a run that is resumed is not fitted again.
///
/// Throws input::InputError where a proxy under `stages` asks to be fitted, which are not.
bool wants_space_fit(const RunConfiguration& configuration);

/// Fits every proxy that wants it. A function of the configuration alone, whatever the number of threads (0: one per
/// processor). Members without a score are left out: `warn` is told how many and why. False, and the configuration as
/// it was, where `stop` was set first. Throws input::InputError where fewer than two members have a score,
/// CandidateStopped for a plug-in's fault under `on_error: stop`, else as evaluate::Pipeline does.
bool fit_to_space(RunConfiguration& configuration, plugin::Registry& registry, std::size_t threads,
                  const std::atomic<bool>& stop, const std::function<void(const std::string&)>& warn);

/// Takes over what proxies were fitted to in `from`, a run of the same configuration, where they would be fitted anew.
void take_space_fit(RunConfiguration& configuration, const RunConfiguration& from);

}  // namespace sotto::search
