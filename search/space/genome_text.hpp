// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/input/yaml_document.hpp"
#include "search/space/choice_walk.hpp"

namespace sotto::search::language {

/// `stem.channels=64 fires=8 fire[0].squeeze=16`: the active genes of the walk's last run, in order.
std::string genome_text(const ChoiceWalk& walk);

/// One `name: value` that a person wrote. The name may hold `[*]` for every iteration; then `values` may hold one value
/// per iteration.
struct Assignment {
    std::string name;
    std::vector<std::string> values;
    bool is_list = false;
    input::SourceLocation location;
    std::vector<input::SourceLocation> value_locations;
};

/// The mapping of `baseline:`.
std::vector<Assignment> read_baseline(const input::YamlValue& baseline);
/// The text form of a genome; places are columns of `text`.
std::vector<Assignment> split_genome_text(const std::string& text);

/// The genome that the assignments describe; runs the walk. Throws input::InputError: unknown or repeated names, values
/// that are no alternatives, active choices without a value, inactive choices with one, broken requirements. `location`
/// stands for the whole.
Genome assign(ChoiceWalk& walk, const std::vector<Assignment>& assignments, const input::SourceLocation& location,
              const std::string& what);

}  // namespace sotto::search::language
