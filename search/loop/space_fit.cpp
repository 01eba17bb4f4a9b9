// SPDX-License-Identifier: Apache-2.0
#include "search/loop/space_fit.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/evaluate/pipeline.hpp"
#include "engine/run/front_files.hpp"
#include "search/loop/candidate_stopped.hpp"
#include "search/loop/random_members.hpp"
#include "search/loop/space_source.hpp"

namespace sotto::search {
namespace {

constexpr const char* sample_parameter = "fit_sample";
constexpr const char* fitted_parameter = "fitted";
// No generation of a run has this number.
constexpr std::uint32_t before_the_run = std::numeric_limits<std::uint32_t>::max();

std::size_t sample_size(const evaluate::Stage& stage) {
    const auto sample = stage.parameters.find(sample_parameter);
    const auto fitted = stage.parameters.find(fitted_parameter);
    if (sample == stage.parameters.end() || fitted == stage.parameters.end() || !fitted->second.empty()) {
        return 0;
    }
    std::size_t count = 0;
    const char* const end = sample->second.data() + sample->second.size();
    return std::from_chars(sample->second.data(), end, count).ptr == end ? count : 0;
}

std::string summary(const plugin::Description& description, const std::vector<std::vector<double>>& rows) {
    std::string text;
    for (std::size_t metric = 0; metric < description.metrics.size(); ++metric) {
        double mean = 0;
        for (const std::vector<double>& row : rows) {
            mean += row[metric] / static_cast<double>(rows.size());
        }
        double squares = 0;
        for (const std::vector<double>& row : rows) {
            squares += (row[metric] - mean) * (row[metric] - mean);
        }
        text += (metric == 0 ? "" : ", ") + description.metrics[metric].name + ' ' + run::number_text(mean) + ' ' +
                run::number_text(std::sqrt(squares / static_cast<double>(rows.size())));
    }
    return text;
}

}  // namespace

bool wants_space_fit(const RunConfiguration& configuration) {
    for (const HalvingStage& stage : configuration.stages) {
        if (sample_size(stage.plugin) > 0) {
            throw input::InputError({stage.plugin.location,
                                     "'" + stage.plugin.id + "' cannot be fitted to the space as a stage",
                                     std::string(sample_parameter) + " of more than 0",
                                     std::string(sample_parameter) + " under 'accuracy', or '" + fitted_parameter +
                                         "' from the config.yaml of another run",
                                     {}});
        }
    }
    return std::any_of(configuration.accuracy.begin(), configuration.accuracy.end(),
                       [](const evaluate::Stage& stage) { return sample_size(stage) > 0; });
}

bool fit_to_space(RunConfiguration& configuration, plugin::Registry& registry, std::size_t threads,
                  const std::atomic<bool>& stop, const std::function<void(const std::string&)>& warn) {
    std::vector<std::string> texts;
    for (const evaluate::Stage& stage : configuration.accuracy) {
        std::string& text = texts.emplace_back();
        if (sample_size(stage) == 0) {
            continue;
        }
        evaluate::PipelineOptions options;
        options.stages.push_back(stage);
        options.lowering_profile = configuration.lowering;
        options.on_error = configuration.on_error;
        options.threads = threads;
        options.seed = configuration.search.seed;
        evaluate::Pipeline pipeline(registry, options);
        SpaceSource source(configuration.space, pipeline.slots());
        const std::vector<Genome> members =
            random_members(configuration.space, sample_size(stage), configuration.search.seed, before_the_run);
        const auto genome_of = [&](std::size_t index) -> const Genome& { return members[index]; };
        evaluate::Batch batch;
        try {
            batch = pipeline.evaluate(members.size(), source.of(genome_of), {&stop, {}});
        } catch (const evaluate::EvaluationStopped& error) {
            throw CandidateStopped("fitting to the space, random member " + std::to_string(error.index() + 1) + ": " +
                                   error.finished().evaluations[error.index()].reason +
                                   "\nits genome: " + configuration.space.to_text(members[error.index()]));
        }
        if (stop.load()) {
            return false;
        }
        const plugin::Description& description = pipeline.stages().front();
        const std::size_t first = pipeline.metric_index(description.metrics.front().name);
        std::vector<std::vector<double>> rows;
        std::string reason;
        for (const evaluate::Evaluation& evaluation : batch.evaluations) {
            if (evaluation.status == evaluate::Evaluation::Status::complete) {
                rows.emplace_back(
                    evaluation.metrics.begin() + static_cast<std::ptrdiff_t>(first),
                    evaluation.metrics.begin() + static_cast<std::ptrdiff_t>(first + description.metrics.size()));
            } else if (reason.empty()) {
                reason = evaluation.reason;
            }
        }
        if (rows.size() < 2) {
            throw input::InputError({stage.location,
                                     "'" + stage.id + "' cannot be fitted to the space",
                                     std::to_string(rows.size()) + " of " + std::to_string(members.size()) +
                                         " random members with a score" + (reason.empty() ? "" : ", " + reason),
                                     "at least 2",
                                     {}});
        }
        if (rows.size() < members.size()) {
            warn('\'' + stage.id + "' is fitted to " + std::to_string(rows.size()) + " of " +
                 std::to_string(members.size()) + " random members of the space; the others have no score, the first " +
                 "because of: " + reason);
        }
        text = summary(description, rows);
    }
    for (std::size_t stage = 0; stage < texts.size(); ++stage) {
        if (!texts[stage].empty()) {
            configuration.accuracy[stage].parameters[fitted_parameter] = std::move(texts[stage]);
        }
    }
    return true;
}

void take_space_fit(RunConfiguration& configuration, const RunConfiguration& from) {
    for (std::size_t stage = 0; stage < std::min(configuration.accuracy.size(), from.accuracy.size()); ++stage) {
        const auto fitted = from.accuracy[stage].parameters.find(fitted_parameter);
        if (sample_size(configuration.accuracy[stage]) > 0 && fitted != from.accuracy[stage].parameters.end()) {
            configuration.accuracy[stage].parameters[fitted_parameter] = fitted->second;
        }
    }
}

}  // namespace sotto::search
