// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/input/yaml_document.hpp"
#include "search/space/space.hpp"

namespace sotto::search {

/// The file beside `network.yaml` that holds its genome, and the form of a list of genomes.
inline constexpr std::string_view genome_file = "genome.txt";

/// The genomes that a run begins with after the baseline, from `search: initial` (docs/configuration.md): a list whose
/// items are a mapping with `genome`, or a path relative to the file: a run directory (the genomes of its front), a
/// network in YAML (its genome from `genome_file` beside it, else looked for: find_genome), a table, or a list of
/// genomes. Throws input::InputError at the line that is wrong: of the configuration for
/// a path, of the named file for what it holds; also for a genome that is no member of `space` or gives no network.
std::vector<Genome> read_initial_genomes(const input::YamlValue& section, const Space& space);

/// The genomes of a run directory's front, of a table's column `genome` (.csv), or of a list; at least one.
/// Throws input::InputError at the line of `path` that is wrong.
std::vector<Genome> read_genomes(const std::string& path, const Space& space);

/// A list of genomes: one `choice=value ...` a line; empty lines and those that begin with # are passed over.
std::vector<Genome> parse_genome_list(std::string_view text, const std::string& file_name, const Space& space);

}  // namespace sotto::search
