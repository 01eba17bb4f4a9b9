// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/training/tuning.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdexcept>

#include <nlohmann/json.hpp>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "cost_models/model_file/json_fields.hpp"
#include "cost_models/model_file/model_file.hpp"
#include "cost_models/training/latency_trainer.hpp"
#include "engine/input/input_error.hpp"

namespace sotto::learned {
namespace {

using Losses = std::vector<double>;

nlohmann::json line_of(const std::string& identity, std::uint32_t trial, const Losses& losses) {
    nlohmann::json values = nlohmann::json::array();
    for (const double loss : losses) {
        values.push_back(std::isfinite(loss) ? nlohmann::json(loss) : nlohmann::json());
    }
    return {{"identity", identity}, {"trial", trial}, {"losses", values}};
}

// `conv `, or nothing for the only loss.
std::string named(const TrialPlan& plan, std::size_t loss) {
    const std::string name = loss < plan.loss_names.size() ? plan.loss_names[loss] : "";
    return name.empty() ? "" : name + ' ';
}

std::string number_text(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", value);
    return text.data();
}

void read_line(const std::string& line, int number, const TrialPlan& plan,
               std::vector<std::optional<Losses>>& finished) {
    const nlohmann::json parsed = model_file::parse_json(line, plan.journal, number);
    const model_file::JsonFields fields(parsed, plan.journal, "line " + std::to_string(number));
    const std::int64_t trial = fields.integer("trial", 0, std::numeric_limits<std::uint32_t>::max());
    const bool is_ours = fields.text("identity") == plan.identity;
    const nlohmann::json& values = fields.at("losses");
    if (!values.is_array()) {
        fields.fail("losses", "is no list", "a list of numbers");
    }
    if (!is_ours || trial >= plan.count) {
        return;
    }
    Losses& losses = finished[static_cast<std::size_t>(trial)].emplace();
    for (const nlohmann::json& value : values) {
        if (!value.is_null() && !value.is_number()) {
            fields.fail("losses", "has an entry that is no number", "numbers and null");
        }
        losses.push_back(value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>());
    }
}

// Finished trials of this identity. An unfinished last line is cut off the file.
std::vector<std::optional<Losses>> read_journal(const TrialPlan& plan) {
    std::vector<std::optional<Losses>> finished(plan.count);
    if (plan.journal.empty() || !std::filesystem::exists(plan.journal)) {
        return finished;
    }
    std::ifstream stream(plan.journal, std::ios::binary);
    std::ostringstream all;
    all << stream.rdbuf();
    std::string text = all.str();
    const std::size_t end = text.rfind('\n');
    const std::size_t whole = end == std::string::npos ? 0 : end + 1;
    if (whole < text.size()) {
        text.resize(whole);
        std::filesystem::resize_file(plan.journal, whole);
    }
    std::istringstream lines(text);
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
        try {
            read_line(line, number, plan, finished);
        } catch (const input::InputError&) {
            throw input::InputError({{plan.journal, number, 0},
                                     "is no line of a finished trial",
                                     '\'' + line + '\'',
                                     "what a tuning wrote; delete the file to tune anew",
                                     {}});
        }
    }
    return finished;
}

// `trial 3 of 8` tells nothing of which one it is: they end in any order.
std::string ended_line(const TrialPlan& plan, std::uint32_t trial, std::uint32_t finished, const Losses& losses) {
    std::string text = "trial " + std::to_string(trial) + (trial == 0 ? " (the defaults)" : "") + " ended, " +
                       std::to_string(finished) + " of " + std::to_string(plan.count) + ": loss";
    bool is_first = true;
    for (std::size_t i = 0; i < losses.size(); ++i) {
        if (!std::isnan(losses[i])) {
            text += (is_first ? " " : ", ") + named(plan, i) + number_text(losses[i]);
            is_first = false;
        }
    }
    return text;
}

}  // namespace

std::vector<std::vector<double>> run_trials(const TrialPlan& plan,
                                            const std::function<std::vector<double>(std::uint32_t)>& run) {
    std::vector<std::optional<Losses>> results = read_journal(plan);
    auto finished = static_cast<std::uint32_t>(
        std::count_if(results.begin(), results.end(), [](const auto& losses) { return losses.has_value(); }));
    if (finished > 0 && plan.report) {
        plan.report(std::to_string(finished) + " of " + std::to_string(plan.count) + " trials are in " + plan.journal);
    }
    std::mutex mutex;
    tbb::task_arena arena(static_cast<int>(std::max(plan.threads, 1U)));
    arena.execute([&] {
        tbb::parallel_for(std::uint32_t{0}, plan.count, [&](std::uint32_t trial) {
            if (results[trial].has_value()) {
                return;
            }
            if (plan.is_cancelled && plan.is_cancelled()) {
                throw training::Cancelled{};
            }
            Losses losses = run(trial);
            const std::lock_guard<std::mutex> lock(mutex);
            if (!plan.journal.empty()) {
                std::ofstream stream(plan.journal, std::ios::app | std::ios::binary);
                stream << line_of(plan.identity, trial, losses).dump() << '\n' << std::flush;
                if (!stream) {
                    throw std::runtime_error(plan.journal + ": the trial cannot be written");
                }
            }
            ++finished;
            if (plan.report) {
                plan.report(ended_line(plan, trial, finished, losses));
            }
            results[trial] = std::move(losses);
        });
    });
    std::vector<std::vector<double>> all;
    all.reserve(results.size());
    for (std::optional<Losses>& losses : results) {
        all.push_back(std::move(losses.value()));
    }
    return all;
}

void report_choice(const TrialPlan& plan, const std::vector<std::vector<double>>& losses, std::size_t of,
                   std::uint32_t chosen, const std::string& hyperparameters) {
    if (plan.report && of < losses[chosen].size() && !std::isnan(losses[chosen][of])) {
        plan.report("chosen " + (named(plan, of).empty() ? "" : "for " + named(plan, of)) + "is trial " +
                    std::to_string(chosen) + ", loss " + number_text(losses[chosen][of]) +
                    " (trial 0, the defaults: " + number_text(losses[0][of]) + "): " + hyperparameters);
    }
}

std::string fingerprint(const Observations& observations) {
    std::string bytes;
    const auto add = [&](const void* from, std::size_t size) { bytes.append(static_cast<const char*>(from), size); };
    for (const std::vector<Observation>& network : observations) {
        const std::size_t size = network.size();
        add(&size, sizeof size);
        for (const Observation& one : network) {
            add(one.key.values.data(), sizeof one.key.values);
            add(one.time_ms.data(), sizeof one.time_ms);
            add(&one.weight, sizeof one.weight);
        }
    }
    return model_file::content_hash(bytes);
}

std::uint32_t best_trial(const std::vector<std::vector<double>>& losses, std::size_t of) {
    std::uint32_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::uint32_t trial = 0; trial < losses.size(); ++trial) {
        if (of < losses[trial].size() && losses[trial][of] < least) {
            least = losses[trial][of];
            best = trial;
        }
    }
    return best;
}

}  // namespace sotto::learned
