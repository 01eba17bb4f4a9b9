// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cost_models/learned/observations.hpp"

namespace sotto::learned {

struct TrialPlan {
    std::uint32_t count = 0;
    unsigned threads = 1;
    /// A file with one line of JSON for each finished trial; empty: none is kept.
    std::string journal;
    /// What the trials have in common: model, setting, seed, data. Lines of another identity are left alone.
    std::string identity;
    std::function<bool()> is_cancelled;
    std::function<void(std::string_view)> report;
    /// What each loss is of, for the report; an empty name for the only one.
    std::vector<std::string> loss_names;
};

/// Losses of trials 0 ... count - 1, several from each: run(trial) is called for those that the journal does not hold,
/// on `threads` threads at once, and must be a function of its argument. The result does not depend on threads and on
/// what was in the journal. NaN is a loss that the trial does not have. Throws training::Cancelled, and
/// input::InputError for a journal with a line that is none, which says to delete it; the beginning of a line at the
/// very end, which a program that was stopped leaves behind, is cut off.
std::vector<std::vector<double>> run_trials(const TrialPlan& plan,
                                            const std::function<std::vector<double>(std::uint32_t)>& run);

/// Identifies what a trial was computed from: a hash over operations, times and weights.
std::string fingerprint(const Observations& observations);

/// Reports which trial was chosen by the loss `of`, beside trial 0, the defaults. `hyperparameters`: its, for people.
void report_choice(const TrialPlan& plan, const std::vector<std::vector<double>>& losses, std::size_t of,
                   std::uint32_t chosen, const std::string& hyperparameters);

/// The trial with the least loss `of`; the first of several. Trials without it do not count.
std::uint32_t best_trial(const std::vector<std::vector<double>>& losses, std::size_t of);

}  // namespace sotto::learned
