// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/run_input.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/arch/canonical_hash.hpp"
#include "engine/plugin/library_digest.hpp"
#include "engine/plugin/library_search.hpp"
#include "engine/run/store.hpp"
#include "search/loop/space_fit.hpp"
#include "search/strategy/strategy.hpp"
#include "tools/command_line/engine_version.hpp"

namespace sotto::tools {
namespace {

using input::InputError;
using search::RunConfiguration;

[[noreturn]] void refuse(const std::string& file, std::string problem, std::string found, std::string expected,
                         std::string nearest = {}) {
    throw InputError({{file, 0, 0}, std::move(problem), std::move(found), std::move(expected), std::move(nearest)});
}

// The configuration of a run that is there already. A run that was killed before it wrote config.yaml has it in its
// database.
input::YamlValue read_resumed(const std::filesystem::path& directory) {
    std::error_code none;
    const std::filesystem::path config = directory / "config.yaml";
    if (std::filesystem::exists(config, none)) {
        return input::read_yaml_file(config.string());
    }
    const std::filesystem::path database = directory / "run.db";
    if (!std::filesystem::exists(database, none)) {
        refuse(directory.string(), "cannot be resumed", "no config.yaml and no run.db", "the directory of a run");
    }
    const run::Store store = run::Store::open(database, run::Store::Access::read_only);
    const auto information = store.information();
    const auto text = information.find("config");
    if (text == information.end()) {
        refuse(database.string(), "cannot be resumed", "no configuration", "the database of a run");
    }
    return input::parse_yaml(text->second, config.string());
}

// Hands on the plug-ins of the search that are known, as `cost_model.ID` and `accuracy.ID`.
template <typename Use>
void for_each_plugin(const RunConfiguration& configuration, const std::vector<plugin::Description>& known, Use&& use) {
    const auto add = [&](const evaluate::Stage& stage, const std::string& prefix) {
        for (const plugin::Description& description : known) {
            if (description.kind == stage.kind && description.id == stage.id) {
                use(prefix + stage.id, description);
            }
        }
    };
    add(configuration.cost_model, "cost_model.");
    for (const evaluate::Stage& stage : configuration.accuracy) {
        add(stage, "accuracy.");
    }
}

std::map<std::string, std::string> current_versions(const RunConfiguration& configuration,
                                                    const std::vector<plugin::Description>& known) {
    std::map<std::string, std::string> versions = {{"sotto", engine_version()},
                                                   {"plugin_abi", std::to_string(SOTTO_PLUGIN_ABI_VERSION)},
                                                   {"network_hash", std::to_string(arch::canonical_hash_version)}};
    for_each_plugin(configuration, known, [&](const std::string& name, const plugin::Description& description) {
        versions[name] = description.version;
    });
    for (const search::HalvingStage& stage : configuration.stages) {
        versions[std::string(search::stage_version_prefix) + stage.plugin.id] = stage.version;
    }
    return versions;
}

std::map<std::string, std::string> library_digests(const RunConfiguration& configuration,
                                                   const std::vector<plugin::Description>& known) {
    std::map<std::string, std::string> digests;
    for_each_plugin(configuration, known, [&](const std::string& name, const plugin::Description& description) {
        if (!description.library.empty()) {
            digests["library." + name] = plugin::library_digest(description.library);
        }
    });
    return digests;
}

void apply_strategy(RunConfiguration& configuration, const std::string& name) {
    const auto names = search::strategy_names();
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        refuse("--strategy", "unknown strategy", '\'' + name + '\'', input::list_names(names),
               std::string(input::nearest_name(name, names)));
    }
    configuration.search.strategy = name;
}

void add_library(RunConfiguration& configuration, search::PluginLibrary library) {
    if (std::none_of(configuration.plugins.begin(), configuration.plugins.end(),
                     [&](const search::PluginLibrary& named) { return named.path == library.path; })) {
        configuration.plugins.push_back(std::move(library));
    }
}

void apply_options(RunConfiguration& configuration, const Options& options) {
    if (!options.strategy.empty()) {
        apply_strategy(configuration, options.strategy);
    }
    configuration.search.seed = options.seed.value_or(configuration.search.seed);
    configuration.search.evaluations = options.evaluations.value_or(configuration.search.evaluations);
    configuration.best = options.best.value_or(configuration.best);
    for (const std::string& library : options.plugins) {
        const std::string path =
            plugin::is_path(library) ? std::filesystem::absolute(library).lexically_normal().string() : library;
        add_library(configuration, {path, options.allow_writable});
    }
}

// Where a plug-in is isolated, no library is loaded into this process for what it declares: it may be the one that is
// not trusted.
void load(plugin::Registry& registry, const search::PluginLibrary& library, bool isolates) {
    const std::string path = plugin::find_library(library.path, plugin_directories());
    const plugin::Writable writable = library.allow_writable ? plugin::Writable::allow : plugin::Writable::refuse;
    if (isolates) {
        registry.scan_library(path, writable);
    } else {
        registry.load_library(path, writable);
    }
}

void load_libraries(const std::vector<search::NamedLibrary>& libraries, plugin::Registry& registry, bool isolates,
                    const std::string& advice = {}) {
    for (const search::NamedLibrary& named : libraries) {
        try {
            load(registry, named.library, isolates);
        } catch (const plugin::PluginError& error) {
            throw InputError({named.location, error.what() + advice, {}, {}, {}});
        }
    }
}

std::string file_name(const std::string& library) {
    return std::filesystem::path(library).filename().string();
}

// A library of the run stands elsewhere now where one of its file name is given.
bool has_moved(const std::string& library, const std::vector<std::string>& given) {
    return plugin::is_path(library) && std::any_of(given.begin(), given.end(), [&](const std::string& other) {
               return plugin::is_path(other) && file_name(other) == file_name(library);
           });
}

// The first line of `left` that `right` does not have in its place.
std::string first_difference(const std::string& left, const std::string& right) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < left.size() && i < right.size() && left[i] == right[i]; ++i) {
        if (left[i] == '\n') {
            begin = i + 1;
        }
    }
    const std::size_t end = left.find('\n', begin);
    const std::string line = left.substr(begin, end == std::string::npos ? end : end - begin);
    const std::size_t text = line.find_first_not_of(' ');
    return '\'' + (text == std::string::npos ? line : line.substr(text)) + '\'';
}

void require_same_run(const std::string& file, const std::string& expected, const std::string& found) {
    if (expected != found) {
        refuse(file, "is not the run to resume, whose results it would mix", first_difference(found, expected),
               first_difference(expected, found));
    }
}

// Where plug-ins run is not part of a run's identity: a run that a plug-in crashed goes on with it isolated.
void take_isolation(RunConfiguration& configuration, const RunConfiguration& from) {
    configuration.cost_model.isolation = from.cost_model.isolation;
    for (std::size_t i = 0; i < configuration.accuracy.size(); ++i) {
        configuration.accuracy[i].isolation = from.accuracy[i].isolation;
    }
}

}  // namespace

RunInput read_run_input(const Options& options, plugin::Registry& registry, const InstalledPlugins& plugins) {
    const bool resumes = !options.resume.empty();
    const input::YamlValue document = resumes ? read_resumed(options.resume) : input::read_yaml_file(options.config);
    std::optional<input::YamlValue> given;
    if (resumes && !options.config.empty()) {
        given = input::read_yaml_file(options.config);
    }
    const bool isolates = search::asks_for_isolation(given ? *given : document);
    for (const std::string& library : options.plugins) {
        load(registry, {library, options.allow_writable}, isolates);
    }
    std::vector<search::NamedLibrary> libraries = search::named_libraries(document);
    std::vector<search::NamedLibrary> given_libraries;
    if (given) {
        given_libraries = search::named_libraries(*given);
    }
    std::vector<std::string> elsewhere;
    if (resumes) {
        elsewhere = options.plugins;
        for (const search::NamedLibrary& named : given_libraries) {
            elsewhere.push_back(named.library.path);
        }
        std::erase_if(libraries, [&](const auto& named) { return has_moved(named.library.path, elsewhere); });
    }
    load_libraries(given_libraries, registry, isolates);
    load_libraries(libraries, registry, isolates,
                   resumes ? "; a library that has moved is named where it is now with --plugin" : "");
    RunInput result{search::read_run_configuration(document, plugins.known()), {}, {}, 0};
    result.threads = options.threads.value_or(result.configuration.search.threads);
    result.versions = current_versions(result.configuration, plugins.known());
    result.libraries = library_digests(result.configuration, plugins.known());
    if (!resumes) {
        apply_options(result.configuration, options);
        result.configuration.search.threads = result.threads;
        return result;
    }

    std::erase_if(result.configuration.plugins,
                  [&](const search::PluginLibrary& library) { return has_moved(library.path, elsewhere); });
    const std::string stored = identity_text(result.configuration, result.configuration.versions);
    require_same_run(options.resume, stored, identity_text(result.configuration, result.versions));
    apply_options(result.configuration, options);
    require_same_run(options.resume, stored, identity_text(result.configuration, result.versions));
    if (given) {
        search::RunConfiguration same = search::read_run_configuration(*given, plugins.known());
        apply_options(same, options);
        search::take_space_fit(same, result.configuration);
        const evaluate::ErrorPolicy policy = same.on_error;
        if (result.configuration.on_error == evaluate::ErrorPolicy::stop) {
            // Nothing failed so far: the run is the same as with another policy from its beginning.
            same.on_error = evaluate::ErrorPolicy::stop;
        }
        require_same_run(options.config, stored, identity_text(same, current_versions(same, plugins.known())));
        result.configuration.on_error = policy;
        take_isolation(result.configuration, same);
        // What the search found does not depend on the stages: others may follow it.
        result.configuration.stages = std::move(same.stages);
        result.configuration.best = same.best;
        for (search::PluginLibrary& library : same.plugins) {
            add_library(result.configuration, std::move(library));
        }
        result.versions = current_versions(result.configuration, plugins.known());
    }
    return result;
}

std::vector<std::string> plugins_of_other_libraries(const RunInput& input,
                                                    const std::map<std::string, std::string>& stored) {
    std::vector<std::string> plugins;
    for (const auto& [name, digest] : input.libraries) {
        const auto before = stored.find(name);
        if (before != stored.end() && before->second != digest) {
            plugins.push_back(name.substr(name.find('.') + 1));
        }
    }
    return plugins;
}

}  // namespace sotto::tools
