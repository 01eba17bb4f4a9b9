// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdio>

#include "tools/nas-run/aligned_table.hpp"
#include "tools/nas-run/run_page/number_column.hpp"
#include "tools/nas-run/run_page/sections.hpp"

namespace sotto::tools {
namespace {

using picture::Markup;

constexpr std::size_t longest_value = 200;

void add_fact(Markup& html, std::string_view name, std::string_view text) {
    html.add("dt", {}, name);
    html.add("dd", {}, text);
    html.raw("\n");
}

// A number that stands in no column.
std::string alone(double value) {
    return NumberColumn({&value, 1}).text(value);
}

// `protocol (engine opencheetah-2022, setting lan)`, without parameters that say nothing.
std::string stage_text(const evaluate::Stage& stage) {
    std::string text;
    for (const auto& [name, value] : stage.parameters) {
        if (value.empty()) {
            continue;
        }
        text += (text.empty() ? "" : ", ") + name + ' ' + picture::shortened(value, longest_value);
    }
    return text.empty() ? stage.id : stage.id + " (" + text + ')';
}

std::string objectives_text(const search::RunConfiguration& configuration) {
    std::string text;
    for (const search::Objective& objective : configuration.objectives) {
        text += (text.empty() ? "" : ", ") + std::string(to_text(objective.goal)) + ' ' + objective.metric;
    }
    return text;
}

std::string limits_text(const search::RunConfiguration& configuration) {
    std::string text;
    for (const evaluate::Limit& limit : configuration.constraints) {
        text += (text.empty() ? "" : ", ") + limit.metric;
        text += limit.least ? " at least " + alone(*limit.least) : "";
        text += limit.least && limit.most ? " and" : "";
        text += limit.most ? " at most " + alone(*limit.most) : "";
    }
    return text;
}

std::string state_text(const PageContent& content) {
    const Report& report = content.report();
    const search::LoopResult& result = report.result;
    const std::uint64_t budget = report.configuration.search.evaluations;
    const std::string progress =
        " after " + grouped(result.evaluations) + " of " + grouped(budget) + " candidates; nas-run --resume goes on";
    if (!content.page.fault.empty()) {
        return "stopped by a fault" + progress + ": " + picture::shortened(content.page.fault, longest_value);
    }
    if (is_complete(report)) {
        return result.ending == search::Ending::space_exhausted ? "finished: the space has no further candidate"
                                                                : "finished";
    }
    return result.ending == search::Ending::stopped ? "interrupted" + progress
                                                    : "interrupted within the stages; nas-run --resume goes on";
}

std::string candidates_text(const search::LoopResult& result) {
    std::string text = grouped(result.evaluations) + " evaluated, " + grouped(result.distinct) + " different networks";
    const auto add = [&](std::uint64_t count, const char* what) {
        if (count > 0) {
            std::array<char, 32> share;
            std::snprintf(share.data(), share.size(), " (%.2g %%)",
                          100 * static_cast<double>(count) / static_cast<double>(result.evaluations));
            text += "; " + grouped(count) + ' ' + what + share.data();
        }
    };
    add(result.tally.cache_hits, "cached: gave a network seen before");
    add(result.tally.rejected, "rejected: gave no network");
    add(result.tally.constrained, "broke a limit");
    add(result.tally.unsupported, "unsupported");
    add(result.tally.failed, "failed: a fault of a plug-in");
    return text;
}

std::string hypervolume_text(const PageContent& content) {
    const Report& report = content.report();
    std::string text = significant(report.result.hypervolume);
    for (std::size_t k = 0; k < report.reference.size(); ++k) {
        const DisplayedMetric& objective = content.objectives[k];
        text += (k == 0 ? ", bounded by " : ", ") + objective.name + ' ' + alone(objective.of(report.reference[k])) +
                (objective.unit.empty() ? "" : ' ' + objective.unit);
    }
    return text;
}

void add_first_choice(Markup& html, const PageContent& content) {
    const Report& report = content.report();
    const search::Member* fastest = fastest_at_no_loss(report);
    if (fastest == nullptr || *speed_up(report, *fastest) <= 1) {
        return;
    }
    for (const ShownMember& shown : content.front) {
        if (shown.member != fastest) {
            continue;
        }
        const auto lead = html.open("p", {{"class", "lead"}});
        html.text("Network ");
        if (shown.directory.empty()) {
            html.add("strong", {}, content.row_text(shown.row));
        } else {
            html.add("a", {{"href", shown.directory + '/'}}, content.row_text(shown.row));
        }
        html.text(" is predicted to be " + fixed(*speed_up(report, *fastest), 2) + " times faster than the baseline" +
                  (report.configuration.objectives.size() == 1 ? "." : " and is no worse in any other objective."));
    }
}

// A line of its own: what differs between runs that are equal otherwise stands in it alone.
void add_circumstances(Markup& html, const PageContent& content) {
    const PageData& data = content.data;
    const auto line = html.open("p", {{"class", "circumstances"}});
    if (!content.page.configuration.empty()) {
        html.text("Configuration: " + picture::shortened(content.page.configuration, longest_value) + ". ");
    }
    const auto short_text = [](double value) { return fixed(value, value < 100 ? 1 : 0); };
    if (data.seconds > 0) {
        html.text("The search took " + short_text(data.seconds) + " s in all sessions, " +
                  short_text(static_cast<double>(data.evaluations_by_then) / data.seconds) + " candidates/s.");
    }
    if (data.stage_seconds > 0) {
        html.text(" The stages took " + short_text(data.stage_seconds) + " s.");
    }
}

}  // namespace

void add_overview(Markup& html, const PageContent& content) {
    const Report& report = content.report();
    const search::RunConfiguration& configuration = report.configuration;
    html.add("h1", {},
             picture::shortened(configuration.space.name(), longest_value) + ": " + grouped(content.front.size()) +
                 (content.front.size() == 1 ? " network" : " networks") + " on the front");
    html.raw("\n");
    add_first_choice(html, content);
    {
        const auto facts = html.open("dl");
        add_fact(html, "State", state_text(content));
        add_fact(html, "Search space", picture::shortened(configuration.space.name(), longest_value));
        add_fact(html, "Strategy",
                 configuration.search.strategy + ", population " + grouped(configuration.search.population) +
                     ", seed " + std::to_string(configuration.search.seed));
        add_fact(html, "Objectives", objectives_text(configuration));
        if (!configuration.constraints.empty()) {
            add_fact(html, "Limits", limits_text(configuration));
        }
        add_fact(html, "Cost model", stage_text(configuration.cost_model));
        for (const evaluate::Stage& stage : configuration.accuracy) {
            add_fact(html, "Accuracy proxy", stage_text(stage));
        }
        add_fact(html, "Candidates", candidates_text(report.result));
        add_fact(html, "Hypervolume", hypervolume_text(content));
        const auto version = content.page.versions.find("sotto");
        add_fact(html, "Sotto", version == content.page.versions.end() ? std::string() : version->second);
    }
    add_circumstances(html, content);
}

}  // namespace sotto::tools
