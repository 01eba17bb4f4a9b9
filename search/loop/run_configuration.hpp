// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/evaluate/pipeline.hpp"
#include "engine/input/yaml_document.hpp"
#include "engine/plugin/description.hpp"
#include "search/loop/halving_stage.hpp"
#include "search/loop/objective.hpp"
#include "search/space/space.hpp"

namespace sotto::search {

/// Version of the run file's form.
inline constexpr int run_format = 1;

struct SearchSettings {
    std::string strategy = "nsga2";
    std::size_t population = 100;
    double crossover_probability = 0.9;
    double mutation_probability = 0.5;
    std::uint64_t evaluations = 5000;  ///< candidates told to the strategy
    std::uint64_t seed = 1;
    std::size_t threads = 0;  ///< 0: one per processor
};

/// A plug-in library to load.
struct PluginLibrary {
    std::string path;  ///< absolute; or a name without '/' and '.so', looked for where plug-ins are installed
    bool allow_writable = false;  ///< load it even where others can write to it

    friend bool operator==(const PluginLibrary&, const PluginLibrary&) = default;
};

/// A run, complete and checked: everything that decides its result, and the number of threads, which does not.
struct RunConfiguration {
    static constexpr std::size_t default_best = 100;
    static constexpr std::size_t most_best = 1'000'000;

    Space space;
    std::string space_text;  ///< the space as YAML, not indented
    SearchSettings search;
    std::vector<Genome> initial;  ///< after the baseline, the first candidates
    std::string lowering;
    evaluate::Stage cost_model;
    std::vector<evaluate::Stage> accuracy;  ///< in the order of the file
    std::vector<Objective> objectives;
    std::vector<evaluate::Limit> constraints;
    evaluate::ErrorPolicy on_error = evaluate::ErrorPolicy::stop;
    std::optional<std::vector<double>> hypervolume_reference;  ///< in the objectives' own units
    std::vector<PluginLibrary> plugins;
    std::map<std::string, std::string> versions;  ///< what the file says it was made by; empty where it does not say
    std::vector<HalvingStage> stages;             ///< behind the search, over its finalists
    /// Members of the front that get a directory in best/, at most; finalists of the stages get one besides.
    std::size_t best = default_best;
};

/// A library that the configuration names, and where it does.
struct NamedLibrary {
    PluginLibrary library;
    input::SourceLocation location;
};

/// The libraries under `plugins:`, so that they can be loaded before the rest is read. A relative path is relative to
/// the file. Each item is a text or a mapping with 'path' and 'allow_writable'. Throws input::InputError.
std::vector<NamedLibrary> named_libraries(const input::YamlValue& document);

/// Whether a cost model or proxy of the run, its stages included, is isolated, so that libraries are better looked at
/// from a child process than loaded. Throws input::InputError for an isolation that is none.
bool asks_for_isolation(const input::YamlValue& document);

/// Reads a run (docs/configuration.md). `known` describes every plug-in that can be chosen. Throws input::InputError
/// for unknown keys, wrong types, values out of range and unknown names (metrics, strategies, plug-ins, parameters),
/// each at its line with the nearest valid name.
RunConfiguration read_run_configuration(const input::YamlValue& document, std::span<const plugin::Description> known);

/// Whether a configuration as text says how many threads it ran on, which no result depends on.
enum class Threads : std::uint8_t { write, leave_out };

/// The configuration as YAML with every default filled in and the space inlined: read_run_configuration gives an equal
/// run for it, wherever the file lies. `versions` names what made it.
std::string to_yaml(const RunConfiguration& configuration, const std::map<std::string, std::string>& versions,
                    Threads threads = Threads::write);

/// The part of to_yaml that must not change while a run is resumed: all but budget, threads, libraries, isolation, the
/// hypervolume's reference, `best`, and the stages with the versions of their plug-ins (names that begin with
/// stage_version_prefix).
std::string identity_text(const RunConfiguration& configuration, const std::map<std::string, std::string>& versions);

}  // namespace sotto::search
