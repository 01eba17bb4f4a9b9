// SPDX-License-Identifier: Apache-2.0
#include "search/loop/run_configuration.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <system_error>

#include "engine/plugin/library_search.hpp"
#include "engine/secure/lowering.hpp"
#include "search/loop/initial_genomes.hpp"
#include "search/loop/metric_names.hpp"
#include "search/loop/plugin_section.hpp"
#include "search/strategy/strategy.hpp"

namespace sotto::search {
namespace {

using input::YamlValue;

constexpr std::array<std::string_view, 14> top_level_keys = {"format",
                                                             "versions",
                                                             "space",
                                                             "search",
                                                             "cost_model",
                                                             "accuracy",
                                                             "objectives",
                                                             "constraints",
                                                             "lowering",
                                                             "on_error",
                                                             "hypervolume_reference",
                                                             "plugins",
                                                             "stages",
                                                             "best"};
constexpr std::array<std::string_view, 8> search_keys = {
    "strategy", "population", "crossover_probability", "mutation_probability", "evaluations", "seed",
    "threads",  "initial"};
constexpr std::array<std::string_view, 2> goal_names = {"minimize", "maximize"};
constexpr double infinity = std::numeric_limits<double>::infinity();

std::filesystem::path beside(const YamlValue& value, const std::string& path) {
    const std::filesystem::path folder = std::filesystem::path(value.location().file).parent_path();
    return std::filesystem::absolute(folder / path).lexically_normal();
}

[[noreturn]] void fail_at(const input::SourceLocation& place, std::string problem, std::string found,
                          std::string expected, std::string nearest = {}) {
    throw input::InputError({place, std::move(problem), std::move(found), std::move(expected), std::move(nearest)});
}

SearchSettings read_search(const std::optional<YamlValue>& section) {
    SearchSettings settings;
    if (!section) {
        return settings;
    }
    section->only_keys("search", search_keys);
    if (const auto value = section->find("strategy")) {
        settings.strategy = strategy_names()[value->as_one_of("strategy", strategy_names())];
    }
    if (const auto value = section->find("population")) {
        settings.population = static_cast<std::size_t>(value->as_integer("population", 2, 100'000));
    }
    if (const auto value = section->find("crossover_probability")) {
        settings.crossover_probability = value->as_number("crossover_probability", 0, 1);
    }
    if (const auto value = section->find("mutation_probability")) {
        settings.mutation_probability = value->as_number("mutation_probability", 0, 1);
    }
    if (const auto value = section->find("evaluations")) {
        settings.evaluations = static_cast<std::uint64_t>(value->as_integer("evaluations", 1, 1'000'000'000));
    }
    if (const auto value = section->find("seed")) {
        settings.seed =
            static_cast<std::uint64_t>(value->as_integer("seed", 0, std::numeric_limits<std::int64_t>::max()));
    }
    if (const auto value = section->find("threads")) {
        settings.threads = static_cast<std::size_t>(value->as_integer("threads", 0, 1024));
    }
    return settings;
}

evaluate::Stage read_stage(const YamlValue& section, plugin::Kind kind, std::span<const plugin::Description> known,
                           MetricNames& metrics) {
    PluginSection read = read_plugin_section(section, kind, known);
    metrics.add_plugin(*read.description, read.stage.location);
    return std::move(read.stage);
}

std::vector<Objective> read_objectives(const YamlValue& section, const MetricNames& metrics) {
    const std::vector<YamlValue> items = section.items("objectives");
    if (items.empty() || items.size() > maximum_objectives) {
        section.fail("objectives has the wrong length", "1 to " + std::to_string(maximum_objectives) + " objectives");
    }
    std::vector<Objective> objectives;
    for (const YamlValue& item : items) {
        constexpr std::array<std::string_view, 2> keys = {"metric", "goal"};
        item.only_keys("an objective", keys);
        const YamlValue name = item.require("an objective", "metric");
        Objective objective;
        objective.metric = name.as_text("metric");
        const plugin::Direction direction = metrics.direction(objective.metric, name.location());
        if (const auto goal = item.find("goal")) {
            objective.goal = static_cast<Goal>(goal->as_one_of("goal", goal_names));
        } else if (direction == plugin::Direction::neutral) {
            item.require("an objective", "goal");
        } else {
            objective.goal = direction == plugin::Direction::minimize ? Goal::minimize : Goal::maximize;
        }
        for (const Objective& earlier : objectives) {
            if (earlier.metric == objective.metric) {
                name.fail("an objective stands twice", "each metric once");
            }
        }
        objectives.push_back(std::move(objective));
    }
    return objectives;
}

std::vector<evaluate::Limit> read_constraints(const std::optional<YamlValue>& section, const MetricNames& metrics) {
    std::vector<evaluate::Limit> limits;
    if (!section) {
        return limits;
    }
    for (const YamlValue::Entry& entry : section->entries("constraints")) {
        metrics.direction(entry.key, entry.key_location);
        constexpr std::array<std::string_view, 2> keys = {"min", "max"};
        const std::string what = "constraint on " + entry.key;
        entry.value.only_keys(what, keys);
        evaluate::Limit limit{entry.key, {}, {}, entry.key_location};
        if (const auto value = entry.value.find("min")) {
            limit.least = value->as_number("min", -infinity, infinity);
        }
        if (const auto value = entry.value.find("max")) {
            limit.most = value->as_number("max", limit.least.value_or(-infinity), infinity);
        }
        if (!limit.least && !limit.most) {
            entry.value.fail(what + " limits nothing", "'min' or 'max'");
        }
        limits.push_back(std::move(limit));
    }
    return limits;
}

std::vector<double> read_reference(const YamlValue& section, std::span<const Objective> objectives) {
    std::vector<std::string_view> names;
    for (const Objective& objective : objectives) {
        names.push_back(objective.metric);
    }
    section.only_keys("hypervolume_reference", names);
    std::vector<double> reference;
    for (const Objective& objective : objectives) {
        reference.push_back(
            section.require("hypervolume_reference", objective.metric).as_number(objective.metric, -1e300, 1e300));
    }
    return reference;
}

// The document that holds the space: inline, or the file it names.
YamlValue space_document(const YamlValue& section) {
    if (section.kind() != YamlValue::Kind::scalar) {
        return section;
    }
    const std::string path = beside(section, section.as_text("space")).string();
    std::error_code none;
    if (!std::filesystem::is_regular_file(path, none)) {
        fail_at(section.location(), "the file of the space is not there", '\'' + path + '\'',
                "a YAML file, relative to this one");
    }
    const YamlValue document = input::read_yaml_file(path);
    YamlValue space = document.require("the file of a space", "space");
    if (space.kind() == YamlValue::Kind::scalar) {
        space.fail("the file of a space names another file", "a mapping with 'input' and 'layers'");
    }
    return space;
}

std::string read_lowering(const std::optional<YamlValue>& value) {
    std::vector<std::string_view> names;
    for (const secure::LoweringProfile& profile : secure::lowering_profiles()) {
        names.push_back(profile.name);
    }
    return std::string(names[value ? value->as_one_of("lowering", names) : 0]);
}

PluginLibrary read_library(const YamlValue& item) {
    PluginLibrary library;
    const bool is_mapping = item.kind() == YamlValue::Kind::mapping;
    if (is_mapping) {
        constexpr std::array<std::string_view, 2> keys = {"path", "allow_writable"};
        item.only_keys("a plug-in library", keys);
        if (const auto value = item.find("allow_writable")) {
            library.allow_writable = value->as_boolean("allow_writable");
        }
    }
    const YamlValue path = is_mapping ? item.require("a plug-in library", "path") : item;
    library.path = path.as_text("a plug-in library");
    if (plugin::is_path(library.path)) {
        library.path = beside(item, library.path).string();
    }
    return library;
}

}  // namespace

std::vector<NamedLibrary> named_libraries(const YamlValue& document) {
    std::vector<NamedLibrary> libraries;
    if (const auto section = document.find("plugins")) {
        for (const YamlValue& item : section->items("plugins")) {
            libraries.push_back({read_library(item), item.location()});
        }
    }
    return libraries;
}

bool asks_for_isolation(const YamlValue& document) {
    const auto asks = [](const YamlValue& stage) {
        return stage.kind() == YamlValue::Kind::mapping &&
               read_isolation(stage.find("isolation")).mode == plugin::Isolation::Mode::process;
    };
    if (document.kind() != YamlValue::Kind::mapping) {
        return false;
    }
    const auto any_asks = [&](const char* key) {
        const auto section = document.find(key);
        const std::vector<YamlValue> items = section ? section->items(key) : std::vector<YamlValue>();
        return std::any_of(items.begin(), items.end(), asks);
    };
    const auto cost_model = document.find("cost_model");
    return (cost_model && asks(*cost_model)) || any_asks("accuracy") || any_asks("stages");
}

RunConfiguration read_run_configuration(const YamlValue& document, std::span<const plugin::Description> known) {
    document.only_keys("a run", top_level_keys);
    document.require("a run", "format").as_integer("format", run_format, run_format);

    MetricNames metrics;
    const SearchSettings settings = read_search(document.find("search"));
    const evaluate::Stage cost_model =
        read_stage(document.require("a run", "cost_model"), plugin::Kind::cost_model, known, metrics);
    std::vector<evaluate::Stage> accuracy;
    if (const auto section = document.find("accuracy")) {
        for (const YamlValue& item : section->items("accuracy")) {
            accuracy.push_back(read_stage(item, plugin::Kind::accuracy_proxy, known, metrics));
        }
    }
    std::vector<Objective> objectives = read_objectives(document.require("a run", "objectives"), metrics);
    std::vector<evaluate::Limit> constraints = read_constraints(document.find("constraints"), metrics);
    const std::string lowering = read_lowering(document.find("lowering"));
    auto on_error = evaluate::ErrorPolicy::stop;
    if (const auto value = document.find("on_error")) {
        on_error = static_cast<evaluate::ErrorPolicy>(value->as_one_of("on_error", evaluate::error_policy_names()));
    }
    std::optional<std::vector<double>> reference;
    if (const auto section = document.find("hypervolume_reference")) {
        reference = read_reference(*section, objectives);
    }
    std::vector<HalvingStage> stages;
    if (const auto section = document.find("stages")) {
        stages = read_halving_stages(*section, known, metrics);
    }
    std::size_t best = RunConfiguration::default_best;
    if (const auto value = document.find("best")) {
        best = static_cast<std::size_t>(value->as_integer("best", 0, RunConfiguration::most_best));
    }
    std::vector<PluginLibrary> plugins;
    for (NamedLibrary& library : named_libraries(document)) {
        plugins.push_back(std::move(library.library));
    }
    std::map<std::string, std::string> versions;
    if (const auto section = document.find("versions")) {
        for (const YamlValue::Entry& entry : section->entries("versions")) {
            versions[entry.key] = entry.value.as_text("a version");
        }
    }

    // The space is read last: of two faults, the one in the short part is told first.
    const YamlValue section = document.require("a run", "space");
    const YamlValue space = space_document(section);
    RunConfiguration configuration{Space::load(space),
                                   input::to_yaml(space),
                                   settings,
                                   {},
                                   lowering,
                                   cost_model,
                                   std::move(accuracy),
                                   std::move(objectives),
                                   std::move(constraints),
                                   on_error,
                                   std::move(reference),
                                   std::move(plugins),
                                   std::move(versions),
                                   std::move(stages),
                                   best};
    if (!configuration.space.baseline() && !configuration.hypervolume_reference) {
        fail_at(section.location(), "the space has no baseline", {},
                "'baseline' in the space, or 'hypervolume_reference'");
    }
    if (!configuration.space.baseline() && !configuration.stages.empty()) {
        refuse_baseline_limits(configuration.stages.front());
    }
    if (const auto search = document.find("search")) {
        if (const auto initial = search->find("initial")) {
            configuration.initial = read_initial_genomes(*initial, configuration.space);
        }
    }
    return configuration;
}

}  // namespace sotto::search
