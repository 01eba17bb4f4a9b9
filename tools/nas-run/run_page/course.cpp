// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "tools/nas-run/aligned_table.hpp"
#include "tools/nas-run/run_page/number_column.hpp"
#include "tools/nas-run/run_page/sections.hpp"
#include "tools/picture/panel.hpp"

namespace sotto::tools {
namespace {

using picture::coordinate;
using picture::Markup;
using picture::Panel;

constexpr double picture_width = 510;
constexpr double panel_height = 220;
constexpr double margin = 14;
constexpr double spark_width = 140;
constexpr double spark_height = 22;

void add_curve(Markup& html, const std::vector<CoursePoint>& course, const std::string& what,
               const std::function<double(const CoursePoint&)>& value) {
    Panel panel = picture::lone_panel(picture_width, panel_height, margin);
    panel.across.include(0);
    for (const CoursePoint& point : course) {
        panel.across.include(static_cast<double>(point.evaluations));
        panel.up.include(value(point));
    }
    panel.up.widen();
    const auto svg = picture::open_picture(html, picture_width, panel.bottom() + Panel::room_below + margin,
                                           what + " over the evaluations");
    picture::add_frame(html, panel, {}, "candidates evaluated", what);
    std::string path;
    for (const CoursePoint& point : course) {
        path += (path.empty() ? 'M' : 'L') + panel.at(static_cast<double>(point.evaluations), value(point));
    }
    html.add_empty("path", {{"class", "curve"}, {"d", path}});
}

// The probability of an operator, 0 to `most`, over the generations.
void add_spark(Markup& html, const OperatorCourse& credit, std::uint32_t generations, double most) {
    const auto cell = html.open("td");
    const auto svg = html.open("svg", {{"class", "spark"},
                                       {"viewBox", "0 0 " + coordinate(spark_width) + ' ' + coordinate(spark_height)},
                                       {"role", "img"},
                                       {"aria-label", "probability over the generations"}});
    std::string path;
    for (const OperatorCourse::Point& point : credit.course) {
        const double x = spark_width * point.generation / std::max<std::uint32_t>(1, generations - 1);
        const double y = spark_height - 2 - (spark_height - 4) * point.probability / most;
        path += (path.empty() ? 'M' : 'L') + coordinate(x) + ' ' + coordinate(y);
    }
    html.add_empty("path",
                   {{"class", "grid"}, {"d", "M0 " + coordinate(spark_height - 1) + 'H' + coordinate(spark_width)}});
    html.add_empty("path", {{"class", "curve"}, {"d", path}});
}

void add_operators(Markup& html, const PageData& data) {
    double most = 0;
    for (const OperatorCourse& credit : data.operators) {
        for (const OperatorCourse::Point& point : credit.course) {
            most = std::max(most, point.probability);
        }
    }
    if (most <= 0) {
        return;
    }
    html.add("h2", {{"id", "operators"}}, "What candidates were made by");
    html.raw("\n");
    html.add("p", {},
             "Candidates that each operator made, and how many of them the strategy kept. The last column: with "
             "which probability an operator was used, from the first generation to the last; all to one scale.");
    const auto scroll = html.open("div", {{"class", "scroll"}});
    const auto table = html.open("table", {{"class", "sortable"}});
    {
        const auto head = html.open("thead");
        const auto row = html.open("tr");
        html.add("th", {{"class", "text"}}, "operator");
        for (const char* title : {"candidates", "kept", "kept [%]", "probability at the end"}) {
            html.add("th", {}, title);
        }
        html.add("th", {{"class", "text"}}, "probability");
    }
    const auto body = html.open("tbody");
    for (const OperatorCourse& credit : data.operators) {
        const auto row = html.open("tr");
        html.add("td", {{"class", "text"}}, credit.name);
        html.add("td", {{"data-value", std::to_string(credit.children)}}, grouped(credit.children));
        html.add("td", {{"data-value", std::to_string(credit.successes)}}, grouped(credit.successes));
        const auto children = static_cast<double>(credit.children);
        html.add(
            "td", {},
            credit.children == 0 ? std::string() : fixed(100 * static_cast<double>(credit.successes) / children, 1));
        html.add("td", {}, fixed(credit.course.back().probability, 3));
        add_spark(html, credit, data.generations, most);
    }
}

}  // namespace

void add_course(Markup& html, const PageContent& content) {
    html.add("h2", {{"id", "course"}}, "How the search went");
    html.raw("\n");
    if (content.data.course.empty()) {
        html.add("p", {}, "No generation was finished.");
        return;
    }
    html.add("p", {},
             grouped(content.data.generations) +
                 (content.data.generations == 1 ? " generation was finished." : " generations were finished."));
    // Of one objective the page shows the best already, and its front is one network.
    if (content.objectives.size() > 1) {
        const auto pictures = html.open("div", {{"class", "pictures"}});
        add_curve(html, content.data.course, "hypervolume", [](const CoursePoint& point) { return point.hypervolume; });
        add_curve(html, content.data.course, "networks on the front",
                  [](const CoursePoint& point) { return static_cast<double>(point.front_size); });
    }
    add_operators(html, content.data);
}

}  // namespace sotto::tools
