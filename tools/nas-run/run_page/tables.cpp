// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/run/front_files.hpp"
#include "search/loop/result_files.hpp"
#include "tools/nas-run/aligned_table.hpp"
#include "tools/nas-run/run_page/number_column.hpp"
#include "tools/nas-run/run_page/sections.hpp"

namespace sotto::tools {
namespace {

using picture::Markup;

constexpr std::size_t most_metrics = 20;
constexpr std::size_t longest_title = 60;

// A column of the front's table.
struct Column {
    std::string title;
    bool is_objective = false;
    std::function<double(const search::Member&)> stored;  // as pareto.csv has it: what is sorted by
    std::function<std::string(const search::Member&)> text;
};

Column metric_column(const DisplayedMetric& metric, bool is_objective,
                     const std::vector<const search::Member*>& members) {
    std::vector<double> values;
    values.reserve(members.size());
    for (const search::Member* member : members) {
        values.push_back(metric.of(*member));
    }
    return {
        picture::shortened(metric.title(), longest_title), is_objective,
        [metric](const search::Member& member) { return member.metrics[metric.index]; },
        [metric, form = NumberColumn(values)](const search::Member& member) { return form.text(metric.of(member)); }};
}

// The objectives, how many times faster, then the other metrics.
std::vector<Column> columns_of(const PageContent& content, const std::vector<const search::Member*>& members) {
    const Report& report = content.report();
    std::vector<Column> columns;
    std::vector<std::size_t> order = search::column_order(report.configuration, report.metrics);
    order.resize(std::min(order.size(), std::max(most_metrics, content.objectives.size())));
    for (std::size_t k = 0; k < order.size(); ++k) {
        columns.push_back(
            metric_column(displayed_metric(report.metrics, order[k]), k < content.objectives.size(), members));
        if (k + 1 == content.objectives.size() && report.baseline && speed_up(report, *report.baseline)) {
            columns.push_back(
                {"speed-up", false, [&report](const search::Member& member) { return *speed_up(report, member); },
                 [&report](const search::Member& member) { return fixed(*speed_up(report, member), 2) + "\u00d7"; }});
        }
    }
    return columns;
}

void add_cells(Markup& html, const std::vector<Column>& columns, const search::Member& member) {
    for (const Column& column : columns) {
        const double stored = column.stored(member);
        html.add("td",
                 {{"class", column.is_objective ? "objective" : "metric"},
                  {"data-value", std::isfinite(stored) ? run::number_text(stored) : std::string()}},
                 column.text(member));
    }
}

void add_table(Markup& html, const PageContent& content, const std::vector<const ShownMember*>& rows) {
    const std::optional<search::Member>& baseline = content.report().baseline;
    std::vector<const search::Member*> members;
    if (baseline) {
        members.push_back(&*baseline);
    }
    for (const ShownMember* row : rows) {
        members.push_back(row->member);
    }
    const std::vector<Column> columns = columns_of(content, members);
    const auto scroll = html.open("div", {{"class", "scroll"}});
    const auto table = html.open("table", {{"class", "sortable"}, {"id", "members"}});
    {
        const auto head = html.open("thead");
        const auto row = html.open("tr");
        html.add("th", {}, "network");
        html.add("th", {}, "id");
        for (const Column& column : columns) {
            html.add("th", {{"class", column.is_objective ? "objective" : "metric"}}, column.title);
        }
    }
    if (baseline) {
        const auto body = html.open("tbody", {{"class", "baseline"}});
        const auto row = html.open("tr");
        html.add("td", {}, "baseline");
        html.add("td", {}, "");
        add_cells(html, columns, *baseline);
    }
    const auto body = html.open("tbody");
    for (const ShownMember* shown : rows) {
        const auto row = html.open("tr", {{"data-member", std::to_string(shown->row)}});
        add_network(html, content.row_text(shown->row), shown->directory);
        html.add("td", {}, std::to_string(shown->member->id));
        add_cells(html, columns, *shown->member);
    }
}

}  // namespace

void add_network(Markup& html, const std::string& name, const std::string& directory) {
    const auto cell = html.open("td");
    if (directory.empty()) {
        html.text(name);
    } else {
        html.add("a", {{"href", directory + '/'}}, name);
    }
}

void add_front_table(Markup& html, const PageContent& content) {
    std::vector<const ShownMember*> rows;
    for (const ShownMember& shown : content.front) {
        if (shown.is_shown) {
            rows.push_back(&shown);
        }
    }
    html.add("h2", {{"id", "networks"}}, "Networks of the front");
    html.raw("\n");
    {
        const auto note = html.open("p");
        html.text(rows.size() == content.front.size() ? "All of them, in the order of "
                                                      : grouped(rows.size()) + " of " + grouped(content.front.size()) +
                                                            ", spread evenly over the front; all of them are in ");
        html.add("code", {}, "pareto.csv");
        html.text(", where the number is that of the row. ");
        html.add("code", {}, "best/NN");
        html.text(" holds the network; ");
        html.add("code", {}, "nas-predict best/NN/network.yaml");
        html.text(" says what dominates its latency. A click on a head sorts.");
    }
    add_table(html, content, rows);
}

}  // namespace sotto::tools
