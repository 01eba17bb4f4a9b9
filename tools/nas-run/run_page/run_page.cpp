// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/run_page/run_page.hpp"

#include <algorithm>
#include <unordered_map>

#include "tools/nas-run/run_page/page_style.hpp"
#include "tools/nas-run/run_page/sections.hpp"
#include "tools/picture/panel.hpp"

namespace sotto::tools {
namespace {

using picture::Markup;

std::vector<DisplayedMetric> objectives_of(const Report& report) {
    std::vector<DisplayedMetric> objectives;
    objectives.reserve(report.configuration.objectives.size());
    for (const search::Objective& objective : report.configuration.objectives) {
        objectives.push_back(displayed_metric(report.metrics, *find_metric(report.metrics, objective.metric)));
    }
    return objectives;
}

std::vector<ShownMember> front_of(const RunPage& page) {
    std::unordered_map<std::uint64_t, const search::Member*> by_id;
    for (const search::Member& member : page.report.result.front) {
        by_id[member.id] = &member;
    }
    std::vector<ShownMember> front;
    front.reserve(page.rows.size());
    for (const std::uint64_t id : page.rows) {
        const auto directory = page.report.best.find(id);
        front.push_back({front.size() + 1, by_id.at(id),
                         directory == page.report.best.end() ? std::string() : directory->second,
                         page.shown.contains(id)});
    }
    return front;
}

bool may_have_shortfalls(const search::Tally& tally) {
    return tally.rejected + tally.constrained + tally.unsupported + tally.failed > 0;
}

}  // namespace

std::string PageContent::row_text(std::size_t row) const {
    std::string text = std::to_string(row);
    text.insert(0, row_digits - std::min(row_digits, text.size()), '0');
    return text;
}

const ShownMember* find_member(const PageContent& content, std::uint64_t id) {
    const auto found =
        std::ranges::find_if(content.front, [&](const ShownMember& member) { return member.member->id == id; });
    return found == content.front.end() ? nullptr : &*found;
}

void add_circle(Markup& svg, const ShownMember* member, const char* css_class, double x, double y, const char* radius,
                const std::string& text) {
    const auto circle = [&] {
        const auto mark =
            svg.open("circle", {{"class", css_class},
                                {"data-member", member == nullptr ? std::string() : std::to_string(member->row)},
                                {"cx", picture::coordinate(x)},
                                {"cy", picture::coordinate(y)},
                                {"r", radius}});
        svg.add("title", {}, text);
    };
    if (member == nullptr || member->directory.empty()) {
        circle();
        return;
    }
    const auto link = svg.open("a", {{"href", member->directory + '/'}});
    circle();
}

std::string to_html(const RunPage& page) {
    const std::vector<DisplayedMetric> objectives = objectives_of(page.report);
    const std::vector<ShownMember> front = front_of(page);
    const bool is_stopped = !page.fault.empty();
    const PageData data =
        read_page_data(page.store, objectives, is_stopped || may_have_shortfalls(page.report.result.tally));
    const PageContent content{page, data, objectives, front,
                              std::max<std::size_t>(2, std::to_string(front.size()).size())};
    Markup html;
    html.raw("<!DOCTYPE html>\n");
    {
        const auto document = html.open("html", {{"lang", "en"}});
        {
            const auto head = html.open("head");
            html.add_empty("meta", {{"charset", "utf-8"}});
            html.add_empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
            html.add("title", {},
                     page.report.configuration.space.name() + ", " + page.report.configuration.search.strategy +
                         ", seed " + std::to_string(page.report.configuration.search.seed));
            const auto style = html.open("style");
            html.raw(page_style);
        }
        const auto body = html.open("body");
        add_overview(html, content);
        add_front_picture(html, content);
        add_finalists(html, content);
        add_front_table(html, content);
        add_course(html, content);
        add_shortfalls(html, content);
        add_configuration(html, content);
        const auto script = html.open("script");
        html.raw(page_script);
    }
    return html.take();
}

}  // namespace sotto::tools
