// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/input/yaml_document.hpp"
#include "engine/plugin/description.hpp"
#include "tools/nas-predict/metric_choice.hpp"

namespace sotto::tools {

/// What a reader of scores would not expect of the parameters that they were made with, each a sentence.

/// Parameters by the id of their plug-in.
using ParametersOfPlugIns = std::map<std::string, std::map<std::string, std::string>>;

/// Metrics that a plug-in gives along with others, with other parameters than the plug-in has that would give the
/// metric asked for alone. `known` are the plug-ins that the choice was made from, `given` what the user says.
std::vector<std::string> notes_on_sharing(const MetricChoice& choice, std::span<const plugin::Description> known,
                                          const ParametersOfPlugIns& given);

/// Parameters that only a run of nas-run gives a meaning to (`fit_sample`).
std::vector<std::string> notes_on_fitting(const ParametersOfPlugIns& given);

/// Parameters that the run configuration `document` gives plug-ins of the choice, and that scores do not take from it.
std::vector<std::string> notes_on_configuration(const input::YamlValue& document, const MetricChoice& choice,
                                                const ParametersOfPlugIns& given);

}  // namespace sotto::tools
