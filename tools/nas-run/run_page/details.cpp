// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/run_page/number_column.hpp"
#include "tools/nas-run/run_page/sections.hpp"

namespace sotto::tools {
namespace {

using picture::Markup;

constexpr std::size_t most_groups = 30;
constexpr std::size_t most_configuration_bytes = 128U << 10U;

}  // namespace

void add_shortfalls(Markup& html, const PageContent& content) {
    const ShortfallGroups& shortfalls = content.data.shortfalls;
    if (shortfalls.totals().empty()) {
        return;
    }
    html.add("h2", {{"id", "failures"}}, "Without a score");
    html.raw("\n");
    std::string totals;
    for (const auto& [status, count] : shortfalls.totals()) {
        totals += (totals.empty() ? "" : ", ") + grouped(count) +
                  (status == "rejected" ? " candidates " : " networks ") + status;
    }
    html.add("p", {},
             "In all " + totals +
                 ". Reasons that differ in numbers alone are counted together; the text is that of one "
                 "example, which run.db has under the hash or id beside it.");
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
    for (const ShortfallGroup& group : shortfalls.largest(most_groups)) {
        const auto row = html.open("tr");
        html.add("td", {}, grouped(group.count));
        html.add("td", {{"class", "text"}}, group.status);
        html.add("td", {{"class", "text"}}, group.reason);
        const auto cell = html.open("td", {{"class", "text"}});
        html.add("code", {}, group.key);
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
