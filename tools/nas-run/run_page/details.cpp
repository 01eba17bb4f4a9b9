// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tools/nas-run/run_page/number_column.hpp"
#include "tools/nas-run/run_page/sections.hpp"
#include "tools/nas-run/stage_shortfalls.hpp"

namespace sotto::tools {
namespace {

using picture::Markup;

constexpr std::size_t most_groups = 30;
constexpr std::size_t most_configuration_bytes = 128U << 10U;

std::string totals_text(const ShortfallGroups& shortfalls) {
    std::string totals;
    for (const auto& [status, count] : shortfalls.totals()) {
        totals += (totals.empty() ? "" : ", ") + grouped(count) +
                  (status == "rejected" ? " candidates " : " networks ") + status;
    }
    return totals + ". ";
}

void add_groups(Markup& html, const ShortfallGroups& shortfalls, std::size_t most) {
    const auto scroll = html.open("div", {{"class", "scroll"}});
    const auto table = html.open("table");
    {
        const auto head = html.open("thead");
        const auto row = html.open("tr");
        html.add("th", {}, "count");
        html.add("th", {{"class", "text"}}, "status");
        html.add("th", {{"class", "text"}}, "reason");
        html.add("th", {{"class", "text"}}, "example");
    }
    const auto body = html.open("tbody");
    for (const ShortfallGroup& group : shortfalls.largest(most)) {
        const auto row = html.open("tr");
        html.add("td", {}, grouped(group.count));
        html.add("td", {{"class", "text"}}, group.status);
        html.add("td", {{"class", "text"}}, group.reason);
        const auto cell = html.open("td", {{"class", "text"}});
        html.add("code", {}, group.key);
    }
}

}  // namespace

void add_shortfalls(Markup& html, const PageContent& content) {
    std::vector<std::pair<std::string, ShortfallGroups>> parts;
    if (!content.data.shortfalls.totals().empty()) {
        parts.emplace_back("In all ", content.data.shortfalls);
    }
    const Report& report = content.report();
    for (std::size_t stage = 0; report.halving != nullptr && stage < report.halving->computed.size(); ++stage) {
        StageShortfalls shortfalls = stage_shortfalls(*report.halving, stage);
        if (!shortfalls.empty()) {
            parts.emplace_back("Stage " + std::to_string(stage + 1) + " (" +
                                   report.configuration.stages[stage].plugin.id + "), of " +
                                   grouped(shortfalls.networks) + " networks: ",
                               std::move(shortfalls.groups));
        }
    }
    if (parts.empty()) {
        return;
    }
    html.add("h2", {{"id", "failures"}}, "Without a score");
    html.raw("\n");
    for (const auto& [title, shortfalls] : parts) {
        const bool is_first = &title == &parts.front().first;
        html.add("p", {},
                 title + totals_text(shortfalls) +
                     (is_first ? "Reasons that differ in numbers alone are counted together; the text is that of one "
                                 "example, which run.db has under the hash or id beside it."
                               : ""));
        add_groups(html, shortfalls, std::max<std::size_t>(1, most_groups / parts.size()));
    }
}

void add_configuration(Markup& html, const PageContent& content) {
    html.add("h2", {{"id", "configuration"}}, "Configuration");
    html.raw("\n");
    const std::string text =
        search::to_yaml(content.report().configuration, content.page.versions, search::Threads::leave_out);
    const auto details = html.open("details");
    html.add("summary", {}, "The run with every default filled in");
    if (text.size() > most_configuration_bytes) {
        html.add("p", {}, "The beginning; config.yaml has all of it.");
    }
    const auto block = html.open("pre");
    html.text(picture::shortened(text, most_configuration_bytes));
}

}  // namespace sotto::tools
