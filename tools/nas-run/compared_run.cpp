// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/compared_run.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <functional>
#include <limits>
#include <numeric>
#include <system_error>
#include <utility>

#include "engine/input/csv.hpp"
#include "engine/input/yaml_document.hpp"
#include "engine/run/front_files.hpp"
#include "engine/run/store.hpp"
#include "search/pareto/measured_archive.hpp"

namespace sotto::tools {
namespace {

using input::InputError;
using input::YamlValue;

constexpr std::size_t most_bytes = 16U << 20U;
constexpr double largest = 1e300;

// Keys that do not decide what a run finds, and the seed.
constexpr std::array<std::string_view, 7> left_out = {
    "versions", "search.seed", "search.threads", "hypervolume_reference", "plugins", "format", "best"};

void flatten(const YamlValue& value, const std::string& path, std::map<std::string, std::string>& settings) {
    if (std::find(left_out.begin(), left_out.end(), path) != left_out.end()) {
        return;
    }
    switch (value.kind()) {
        case YamlValue::Kind::mapping:
            for (const YamlValue::Entry& entry : value.entries(path)) {
                flatten(entry.value, path.empty() ? entry.key : path + '.' + entry.key, settings);
            }
            break;
        case YamlValue::Kind::sequence: {
            std::size_t number = 0;
            for (const YamlValue& item : value.items(path)) {
                flatten(item, path + '[' + std::to_string(number++) + ']', settings);
            }
            break;
        }
        case YamlValue::Kind::scalar:
            settings[path] = value.as_text(path);
            break;
        case YamlValue::Kind::null:
            settings[path] = "";
            break;
    }
}

// Where runs are isolated does not decide what they find either; and what a proxy was fitted to follows from seed and
// space.
void drop_what_follows(std::map<std::string, std::string>& settings) {
    std::erase_if(settings, [](const auto& entry) {
        return entry.first.find(".isolation") != std::string::npos || entry.first.ends_with("].fitted");
    });
}

// The values of baseline.csv under the titles; nothing where there is no such file.
std::optional<std::vector<double>> read_baseline(const std::filesystem::path& file,
                                                 const std::vector<std::string>& titles) {
    std::error_code none;
    if (!std::filesystem::is_regular_file(file, none)) {
        return std::nullopt;
    }
    const std::string text = input::read_text_file(file.string(), most_bytes, "a baseline");
    input::CsvReader table(text, file.string());
    std::vector<input::CsvField> header;
    std::vector<input::CsvField> row;
    if (!table.next(header) || !table.next(row) || row.size() != header.size()) {
        throw InputError({{file.string(), 0, 0}, "no baseline of a run", "another form", "a header and one row", {}});
    }
    std::vector<double> values;
    for (const std::string& title : titles) {
        const auto column =
            std::find_if(header.begin(), header.end(), [&](const auto& field) { return field.text == title; });
        if (column == header.end()) {
            throw InputError({{file.string(), 1, 0}, "a column is missing", {}, '\'' + title + '\'', {}});
        }
        const input::CsvField& field = row[static_cast<std::size_t>(column - header.begin())];
        double value = 0;
        const char* const end = field.text.data() + field.text.size();
        if (const auto parsed = std::from_chars(field.text.data(), end, value);
            parsed.ec != std::errc{} || parsed.ptr != end) {
            table.fail(field.column, "the baseline's " + title, '\'' + field.text + '\'', "a number");
        }
        values.push_back(value);
    }
    return values;
}

run::Store open_store(const std::string& directory) {
    return run::Store::open(std::filesystem::path(directory) / "run.db", run::Store::Access::read_only);
}

std::vector<std::size_t> metric_columns(const run::Store& store, const ComparedRun& run) {
    std::vector<std::size_t> columns;
    for (const search::Objective& objective : run.objectives) {
        const auto found = std::find_if(store.metrics().begin(), store.metrics().end(),
                                        [&](const auto& metric) { return metric.name == objective.metric; });
        if (found == store.metrics().end()) {
            throw InputError({{run.directory, 0, 0},
                              "config.yaml and run.db are of different runs",
                              "no metric '" + objective.metric + "' in run.db",
                              "every objective",
                              {}});
        }
        columns.push_back(static_cast<std::size_t>(found - store.metrics().begin()));
    }
    return columns;
}

void read_configuration(const std::string& file, ComparedRun& run) {
    const YamlValue document = input::read_yaml_file(file);
    const YamlValue search = document.require("a run", "search");
    run.strategy = search.require("search", "strategy").as_text("strategy");
    run.seed = static_cast<std::uint64_t>(
        search.require("search", "seed").as_integer("seed", 0, std::numeric_limits<std::int64_t>::max()));
    run.budget =
        static_cast<std::uint64_t>(search.require("search", "evaluations").as_integer("evaluations", 1, 1'000'000'000));
    if (const auto name = document.require("a run", "space").find("name")) {
        run.space = name->as_text("name");
    }
    const auto reference = document.find("hypervolume_reference");
    if (!reference) {
        throw InputError({{file, 0, 0},
                          "the run was stopped before its reference was known",
                          "no 'hypervolume_reference'",
                          "a run that has evaluated its baseline; 'nas-run --resume' goes on with it",
                          {}});
    }
    for (const YamlValue& item : document.require("a run", "objectives").items("objectives")) {
        constexpr std::array<std::string_view, 2> goals = {"minimize", "maximize"};
        search::Objective objective;
        objective.metric = item.require("an objective", "metric").as_text("metric");
        objective.goal = static_cast<search::Goal>(item.require("an objective", "goal").as_one_of("goal", goals));
        run.reference.push_back(reference->require("hypervolume_reference", objective.metric)
                                    .as_number(objective.metric, -largest, largest));
        run.objectives.push_back(std::move(objective));
    }
    flatten(document, {}, run.settings);
    drop_what_follows(run.settings);
}

}  // namespace

ComparedRun read_compared_run(const std::string& directory) {
    ComparedRun run;
    run.directory = directory;
    const std::filesystem::path path(directory);
    std::error_code none;
    for (const char* const file : {"config.yaml", "run.db"}) {
        if (!std::filesystem::is_regular_file(path / file, none)) {
            throw InputError({{directory, 0, 0},
                              "is not the directory of a run",
                              std::string("no ") + file,
                              "a directory that nas-run made",
                              {}});
        }
    }
    read_configuration((path / "config.yaml").string(), run);
    const run::Store store = open_store(directory);
    for (const std::size_t column : metric_columns(store, run)) {
        run.titles.push_back(run::column_title(store.metrics()[column].name, store.metrics()[column].unit));
    }
    run.baseline = read_baseline(path / "baseline.csv", run.titles);
    run.evaluations = store.candidate_count();
    run.distinct = store.evaluation_count();
    for (const run::StoredGeneration& generation : store.generations()) {
        run.seconds = std::max(run.seconds, generation.seconds);
    }
    const auto information = store.information();
    const auto finished = information.find("finished_evaluations");
    run.finished = finished != information.end() && finished->second == std::to_string(run.budget);
    return run;
}

void trace(ComparedRun& run, const CommonFrame& frame) {
    const run::Store store = open_store(run.directory);
    const std::size_t objectives = run.objectives.size();
    std::vector<double> bound;
    for (std::size_t k = 0; k < objectives; ++k) {
        bound.push_back(run.objectives[k].minimized(frame.reference[k]));
    }
    const double unit = std::accumulate(frame.scale.begin(), frame.scale.end(), 1.0, std::multiplies<>());
    pareto::MeasuredArchive front(objectives, std::move(bound));
    const auto measure = [&](std::uint64_t evaluations) {
        run.curve.push_back({evaluations, front.hypervolume() / unit});
    };
    run.curve.clear();
    auto checkpoint = frame.checkpoints.begin();
    std::vector<double> point(objectives);
    store.for_each_complete(metric_columns(store, run), [&](std::uint64_t id, std::span<const double> values) {
        for (; checkpoint != frame.checkpoints.end() && *checkpoint < id; ++checkpoint) {
            measure(*checkpoint);
        }
        for (std::size_t k = 0; k < objectives; ++k) {
            point[k] = run.objectives[k].minimized(values[k]);
        }
        front.add(id, point);
    });
    for (; checkpoint != frame.checkpoints.end() && *checkpoint < run.evaluations; ++checkpoint) {
        measure(*checkpoint);
    }
    measure(run.evaluations);
    run.hypervolume = run.curve.back().hypervolume;

    run.front.clear();
    const pareto::Archive& archive = front.members();
    for (std::size_t i = 0; i < archive.size(); ++i) {
        std::vector<double>& row = run.front.emplace_back();
        for (std::size_t k = 0; k < objectives; ++k) {
            // Turning the sign twice gives the value back.
            row.push_back(run.objectives[k].minimized(archive[i].objectives[k]));
        }
    }
    run.best.assign(objectives, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t k = 0; k < objectives; ++k) {
        for (const std::vector<double>& row : run.front) {
            const bool better = !(run.objectives[k].minimized(run.best[k]) <= run.objectives[k].minimized(row[k]));
            run.best[k] = better ? row[k] : run.best[k];
        }
    }
}

}  // namespace sotto::tools
