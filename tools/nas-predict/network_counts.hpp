// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "engine/plugin/description.hpp"
#include "engine/plugin/registry.hpp"
#include "tools/nas-predict/prediction.hpp"
#include "tools/nas-predict/subject.hpp"

namespace sotto::tools {

/// The model with the network's own counts (`params`, `macs`, ...) behind its metrics, but for names that it has
/// itself.
plugin::Description with_counts(const plugin::Description& model, plugin::Registry& registry);

/// Puts the values of those counts behind each prediction of the model: exact ones, and NaN for single operations.
/// `chosen`: indices into the metrics of `extended` that are to be given. Throws input::InputError where one of them is
/// a count and a subject has no network.
void add_counts(const plugin::Description& model, const plugin::Description& extended,
                const std::vector<std::size_t>& chosen, plugin::Registry& registry, const Subjects& subjects,
                std::vector<Prediction>& predictions);

}  // namespace sotto::tools
