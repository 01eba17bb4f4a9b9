// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "search/halving/finalists_table.hpp"
#include "tools/nas-run/finalists_report.hpp"
#include "tools/nas-run/run_page/number_column.hpp"
#include "tools/nas-run/run_page/sections.hpp"

namespace sotto::tools {
namespace {

using picture::Markup;

constexpr std::size_t most_finalists = 100;

void add_note(Markup& html, std::size_t shown, std::size_t all) {
    const auto note = html.open("p");
    html.text("What the stages found, the best first");
    html.text(shown < all ? ": " + grouped(shown) + " of " + grouped(all) + "; all of them are in "
                          : "; more of each is in ");
    html.add("code", {}, search::finalists_file);
    html.text(".");
}

void add_row(Markup& html, const PageContent& content, std::uint64_t id, const std::vector<std::string>& fields) {
    const ShownMember* member = find_member(content, id);
    const auto row =
        member == nullptr ? html.open("tr") : html.open("tr", {{"data-member", std::to_string(member->row)}});
    if (member == nullptr) {
        html.add("td", {}, "");
    } else {
        add_network(html, content.row_text(member->row), member->directory);
    }
    for (const std::string& field : fields) {
        html.add("td", {}, field);
    }
}

}  // namespace

void add_finalists(Markup& html, const PageContent& content) {
    const std::vector<std::vector<std::string>> rows = finalists_rows(content.report());
    if (rows.size() < 2) {
        return;
    }
    const search::HalvingResult& result = *content.report().halving;
    const std::size_t first = result.baseline ? 2 : 1;  // of the finalists, among the rows
    const std::size_t shown = std::min(rows.size() - first, most_finalists);
    html.add("h2", {{"id", "finalists"}}, "Finalists");
    html.raw("\n");
    add_note(html, shown, rows.size() - first);
    add_finalists_pictures(html, content, shown);
    const auto scroll = html.open("div", {{"class", "scroll"}});
    const auto table = html.open("table", {{"class", "sortable"}});
    {
        const auto head = html.open("thead");
        const auto row = html.open("tr");
        html.add("th", {}, "network");
        for (const std::string& title : rows[0]) {
            html.add("th", {}, title);
        }
    }
    const auto body = html.open("tbody");
    for (std::size_t i = 1; i < first + shown; ++i) {
        const search::Finalist& finalist = i < first ? *result.baseline : result.finalists[i - first];
        add_row(html, content, finalist.member.id, rows[i]);
    }
}

}  // namespace sotto::tools
