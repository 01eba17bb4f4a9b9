// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "search/statistics/quantile.hpp"
#include "tools/nas-run/aligned_table.hpp"
#include "tools/nas-run/run_page/front_axis.hpp"
#include "tools/nas-run/run_page/number_column.hpp"
#include "tools/nas-run/run_page/sections.hpp"
#include "tools/picture/panel.hpp"

namespace sotto::tools {
namespace {

using picture::coordinate;
using picture::Markup;
using picture::Panel;

constexpr double picture_width = 1040;
constexpr double margin = 14;
constexpr double lone_panel_height = 430;
constexpr double small_panel_height = 230;
constexpr std::size_t panels_in_a_row = 3;
constexpr std::size_t most_dots = 3000;
constexpr std::size_t longest_label = 36;
// Of the other networks the panels show these: a few that are far off would leave the front no room.
constexpr double lowest_part = 0.02;
constexpr double highest_part = 0.98;

std::string axis_title(const PageContent& content, std::size_t objective) {
    return picture::shortened(content.objectives[objective].title(), longest_label) + " (" +
           std::string(to_text(content.report().configuration.objectives[objective].goal)) + ')';
}

// The axis of an objective, the same in every panel.
picture::Axis axis_of(const PageContent& content, std::size_t objective) {
    const DisplayedMetric& metric = content.objectives[objective];
    std::vector<double> front;
    for (const ShownMember& shown : content.front) {
        front.push_back(metric.of(*shown.member));
    }
    std::vector<double> always;
    if (content.report().baseline) {
        always.push_back(metric.of(*content.report().baseline));
    }
    std::vector<double> others;
    others.reserve(content.data.sample.size());
    for (const std::vector<double>& row : content.data.sample) {
        others.push_back(row[objective]);
    }
    if (!others.empty()) {
        always.push_back(statistics::quantile(others, lowest_part));
        always.push_back(statistics::quantile(others, highest_part));
    }
    return front_axis(std::move(front), always);
}

// Dots as one path, each place of the picture once.
class Dots {
  public:
    explicit Dots(const Panel& panel) : panel_(panel) {}

    void add(double across, double up) {
        if (!panel_.holds(across, up)) {
            return;
        }
        const std::pair<long, long> place{std::lround(panel_.x(across)), std::lround(panel_.y(up))};
        if (places_.insert(place).second) {
            path_ += 'M' + std::to_string(place.first) + ' ' + std::to_string(place.second) + "h0";
        }
    }

    void draw(Markup& svg, const char* css_class) const {
        if (!path_.empty()) {
            svg.add_empty("path", {{"class", css_class}, {"d", path_}});
        }
    }

  private:
    const Panel& panel_;
    std::set<std::pair<long, long>> places_;
    std::string path_;
};

std::string tooltip(const PageContent& content, const ShownMember& shown) {
    std::string text = "network " + content.row_text(shown.row) + ", candidate " + std::to_string(shown.member->id);
    for (const DisplayedMetric& objective : content.objectives) {
        text += '\n' + picture::shortened(objective.name, longest_label) + ' ' +
                significant(objective.of(*shown.member)) + (objective.unit.empty() ? "" : ' ' + objective.unit);
    }
    if (const auto factor = speed_up(content.report(), *shown.member)) {
        text += '\n' + fixed(*factor, 2) + " times faster than the baseline";
    }
    return text;
}

// At the edge of the panel where it is beyond it.
std::pair<double, double> place_of(const Panel& panel, const PageContent& content, const search::Member& member,
                                   std::size_t i, std::size_t j) {
    return {panel.across.nearest(content.objectives[i].of(member)), panel.up.nearest(content.objectives[j].of(member))};
}

// What two objectives leave attained: each member's second objective until the next one begins.
void add_stairs(Markup& svg, const Panel& panel, const PageContent& content) {
    std::string path;
    std::pair<long, long> last{std::numeric_limits<long>::min(), 0};
    for (const ShownMember& shown : content.front) {
        const auto [across, up] = place_of(panel, content, *shown.member, 0, 1);
        const double x = panel.x(across);
        const double y = panel.y(up);
        const std::pair<long, long> place{std::lround(x), std::lround(y)};
        if (place != last) {
            path +=
                path.empty() ? 'M' + coordinate(x) + ' ' + coordinate(y) : 'H' + coordinate(x) + 'V' + coordinate(y);
            last = place;
        }
    }
    if (!path.empty()) {
        svg.add_empty("path", {{"class", "stairs"}, {"d", path}});
    }
}

void add_panel(Markup& svg, const Panel& panel, const PageContent& content, std::size_t i, std::size_t j) {
    picture::add_frame(svg, panel, {}, axis_title(content, i), axis_title(content, j));
    Dots others(panel);
    for (const std::vector<double>& row : content.data.sample) {
        others.add(row[i], row[j]);
    }
    others.draw(svg, "others");
    Dots front(panel);
    const std::size_t every = std::max<std::size_t>(1, (content.front.size() + most_dots - 1) / most_dots);
    for (std::size_t k = 0; k < content.front.size(); k += every) {
        const auto [across, up] = place_of(panel, content, *content.front[k].member, i, j);
        front.add(across, up);
    }
    front.draw(svg, "front");
    if (content.objectives.size() == 2) {
        add_stairs(svg, panel, content);
    }
    for (const ShownMember& shown : content.front) {
        if (shown.is_shown) {
            const auto [across, up] = place_of(panel, content, *shown.member, i, j);
            add_circle(svg, &shown, "member", panel.x(across), panel.y(up), content.objectives.size() == 2 ? "4" : "3",
                       tooltip(content, shown));
        }
    }
    if (content.report().baseline) {
        const auto [across, up] = place_of(panel, content, *content.report().baseline, i, j);
        picture::add_baseline(svg, panel, across, up);
    }
}

void add_pairs(Markup& html, const PageContent& content, const std::vector<picture::Axis>& axes) {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t i = 0; i < content.objectives.size(); ++i) {
        for (std::size_t j = i + 1; j < content.objectives.size(); ++j) {
            pairs.emplace_back(i, j);
        }
    }
    const std::size_t columns = std::min(pairs.size(), panels_in_a_row);
    const std::size_t rows = (pairs.size() + columns - 1) / columns;
    const double cell = picture_width / static_cast<double>(columns);
    const double panel_height = pairs.size() == 1 ? lone_panel_height : small_panel_height;
    const double row_height = panel_height + Panel::room_below + margin;
    const auto svg = picture::open_picture(html, picture_width, row_height * static_cast<double>(rows),
                                           "objectives of the networks found");
    for (std::size_t k = 0; k < pairs.size(); ++k) {
        const std::size_t row = k / columns;
        Panel panel;
        panel.left = cell * static_cast<double>(k % columns) + Panel::room_left;
        panel.top = row_height * static_cast<double>(row) + margin;
        panel.width = cell - Panel::room_left - margin;
        panel.height = panel_height;
        panel.across = axes[pairs[k].first];
        panel.up = axes[pairs[k].second];
        add_panel(html, panel, content, pairs[k].first, pairs[k].second);
    }
}

// The hypervolume of one objective is the distance from the reference to the best, in units of the baseline.
void add_best_so_far(Markup& html, const PageContent& content) {
    const Report& report = content.report();
    const DisplayedMetric& metric = content.objectives[0];
    const search::Objective& objective = report.configuration.objectives[0];
    const double baseline = report.baseline ? report.baseline->metrics[metric.index] : 1;
    const double unit = search::hypervolume_scale({&baseline, 1}).front();
    Panel panel = picture::lone_panel(picture_width, lone_panel_height, margin);
    panel.across.include(0);
    std::vector<std::pair<double, double>> course;
    for (const CoursePoint& point : content.data.course) {
        if (point.hypervolume > 0) {
            const double best = objective.minimized(report.reference[0]) - point.hypervolume * unit;
            course.emplace_back(static_cast<double>(point.evaluations), metric.of(objective.minimized(best)));
            panel.across.include(course.back().first);
            panel.up.include(course.back().second);
        }
    }
    if (course.empty()) {
        html.add("p", {}, "No generation was finished.");
        return;
    }
    if (report.baseline) {
        panel.up.include(metric.of(baseline));
    }
    panel.up.choose_scale();
    panel.up.widen();
    const auto svg = picture::open_picture(html, picture_width, panel.bottom() + Panel::room_below + margin,
                                           "best value over the evaluations");
    picture::add_frame(html, panel, {}, "candidates evaluated", axis_title(content, 0));
    std::string path;
    for (const auto& [evaluations, best] : course) {
        path += path.empty() ? 'M' + panel.at(evaluations, best)
                             : 'H' + coordinate(panel.x(evaluations)) + 'V' + coordinate(panel.y(best));
    }
    html.add_empty("path", {{"class", "curve"}, {"d", path}});
    if (report.baseline) {
        const double y = panel.y(metric.of(baseline));
        html.add_empty("path",
                       {{"class", "limit"},
                        {"d", 'M' + coordinate(panel.left) + ' ' + coordinate(y) + 'H' + coordinate(panel.right())}});
        picture::add_text(html, panel.right() - 6, y - 6, "end", "baseline");
    }
}

void add_caption(Markup& html, const PageContent& content, const std::vector<picture::Axis>& axes) {
    std::size_t shown = 0;
    std::size_t far_off = 0;
    for (const ShownMember& member : content.front) {
        shown += member.is_shown ? 1 : 0;
        bool is_held = true;
        for (std::size_t i = 0; i < axes.size(); ++i) {
            is_held = is_held && axes[i].holds(content.objectives[i].of(*member.member));
        }
        far_off += is_held ? 0 : 1;
    }
    std::string text = "Each circle is a network of the front and leads to its directory, where it has one. ";
    if (shown < content.front.size()) {
        text = "Dots are the front; circles are " + grouped(shown) + " of its " + grouped(content.front.size()) +
               " networks, spread evenly, those of the table. ";
    }
    const std::size_t others = content.data.sample.size();
    if (far_off > 0) {
        text += grouped(far_off) + (far_off == 1 ? " of the front is" : " of the front are") +
                " far off and drawn at the edge. ";
    }
    text += content.data.is_whole_sample
                ? "Grey: all " + grouped(others) + " networks that were scored"
                : "Grey: " + grouped(others) + " of the networks that were scored, as if drawn at random";
    const auto caption = html.open("p", {{"class", "soft"}});
    html.text(text + ", without those far off.");
}

}  // namespace

void add_front_picture(Markup& html, const PageContent& content) {
    const bool is_alone = content.objectives.size() == 1;
    html.add("h2", {{"id", "front"}}, is_alone ? "The best so far" : "The front");
    html.raw("\n");
    if (is_alone) {
        add_best_so_far(html, content);
        return;
    }
    if (content.front.empty() && content.data.sample.empty()) {
        html.add("p", {}, "No network has a score.");
        return;
    }
    std::vector<picture::Axis> axes;
    for (std::size_t i = 0; i < content.objectives.size(); ++i) {
        axes.push_back(axis_of(content, i));
    }
    add_pairs(html, content, axes);
    add_caption(html, content, axes);
}

}  // namespace sotto::tools
