// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/score_command.hpp"

#include <algorithm>
#include <chrono>

#include "engine/input/input_error.hpp"
#include "tools/command_line/command_line.hpp"
#include "tools/command_line/stop_request.hpp"
#include "tools/nas-predict/candidate_list.hpp"
#include "tools/nas-predict/score_request.hpp"
#include "tools/nas-predict/score_text.hpp"
#include "tools/nas-predict/scoring.hpp"

namespace sotto::tools {
bool asks_for_scores(const Options& options) {
    const bool needs_no_model = options.model.model.empty() && options.program.empty() && !options.metrics.empty();
    return !options.space.empty() || needs_no_model ||
           std::any_of(options.metrics.begin(), options.metrics.end(),
                       [](const auto& name) { return is_pattern(name) || name.starts_with("accuracy."); });
}

void check_scoring(const Options& options) {
    const auto refuse = [](const std::string& problem, const std::string& expected) {
        throw input::InputError({{}, problem, {}, expected, {}});
    };
    if (!options.space.empty() && !options.networks.empty()) {
        refuse("found NETWORK and --space", "one of them");
    }
    if (!options.space.empty() && options.genomes.empty() == (options.sample == 0)) {
        refuse(options.genomes.empty() ? "--space without members to score" : "found --genomes and --sample",
               "--genomes FILE, or --sample N");
    }
    if (options.space.empty() && options.networks.empty()) {
        refuse(options.program.empty() ? "nothing to score" : "--program holds no networks",
               "networks, or --space SPACE.yaml with --genomes or --sample");
    }
    if (options.metrics.empty()) {
        refuse("--space without metrics to give", "--metrics LIST, such as --metrics 'accuracy.*,params'");
    }
    if (!options.program.empty() || options.per_layer) {
        refuse(options.per_layer ? "--per-layer" : "--program", "a prediction of a cost model: --model alone");
    }
}

int score_candidates(const Options& options, PlugIns& plug_ins) {
    std::vector<std::string> notes;
    const std::uint64_t seed = options.seed.value_or(1);
    CandidateList candidates = options.space.empty()     ? CandidateList::of_files(options.networks, notes)
                               : options.genomes.empty() ? CandidateList::of_sample(options.space, options.sample, seed)
                                                         : CandidateList::of_genomes(options.space, options.genomes);
    if (options.sample > candidates.size()) {
        notes.push_back("the space gave " + std::to_string(candidates.size()) + " members, no more were found");
    }
    plug_ins.load(options.plugins, options.allow_writable ? plugin::Writable::allow : plugin::Writable::refuse);
    if (!options.space.empty()) {
        plug_ins.load_named_by(options.space);
    }
    const ScoreRequest request{options.metrics, options.model, options.lowering, options.threads.value_or(0), seed,
                               options.space};
    Scoring scoring = make_scoring(request, plug_ins, notes);
    for (const std::string& text : notes) {
        note(text);
    }

    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::seconds between_notes{10};
    Clock::time_point said = Clock::now();
    const ScoreForm form = options.csv ? ScoreForm::csv : options.json ? ScoreForm::json : ScoreForm::table;
    const ScoreText text(form, scoring, candidates);
    print_result(text.head());
    const ScoringTally tally = scoring.run(candidates, stop_flag(), [&](const std::vector<ScoredCandidate>& part) {
        std::string rows;
        for (const ScoredCandidate& candidate : part) {
            rows += text.row(candidate);
        }
        print_result(rows);
        if (Clock::now() - said >= between_notes) {
            said = Clock::now();
            note(std::to_string(part.back().index + 1) + " of " + std::to_string(candidates.size()) + " scored");
        }
    });
    if (tally.stopped) {
        throw Interrupted{};
    }
    print_result(text.end());
    if (tally.without + tally.failed > 0) {
        note(std::to_string(tally.scored) + " scored, " + std::to_string(tally.without) + " lack one score or more, " +
             std::to_string(tally.failed) + " failed: the reasons stand in the result");
    }
    return tally.failed > 0 ? failed : done;
}

}  // namespace sotto::tools
