// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tools/nas-run/comparison.hpp"
#include "tools/picture/panel.hpp"

namespace sotto::tools {
namespace {

using picture::coordinate;
using picture::Markup;
using picture::Panel;

constexpr double panel_width = 440;
constexpr double panel_height = 320;
constexpr double left_margin = 78;
constexpr double top_margin = 40;
constexpr double gap = 96;
constexpr double right_margin = 24;
constexpr double legend_row = 20;
constexpr std::string_view style =
    ".grid{stroke:#ddd;fill:none}.frame{stroke:#333;fill:none}.title{font-weight:bold}"
    ".curve{fill:none;stroke-width:2}.band{fill-opacity:0.2}.baseline{stroke:#000;stroke-width:2}"
    ".name{paint-order:stroke;stroke:#fff;stroke-width:3}";
// Okabe and Ito: told apart by readers with any colour vision.
constexpr std::array<std::string_view, 7> colours = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                                     "#56b4e9", "#d55e00", "#444444"};

std::string colour(std::size_t group) {
    return std::string(colours[group % colours.size()]);
}

Panel empty_panel(double left) {
    Panel panel;
    panel.left = left;
    panel.top = top_margin;
    panel.width = panel_width;
    panel.height = panel_height;
    return panel;
}

void add_curves(Markup& svg, const Comparison& comparison) {
    Panel panel = empty_panel(left_margin);
    panel.across.include(0);
    for (const RunGroup& group : comparison.groups) {
        for (const Band& band : group.curve) {
            panel.across.include(static_cast<double>(band.evaluations));
            panel.up.include(band.hypervolume.lower);
            panel.up.include(band.hypervolume.upper);
        }
    }
    panel.up.widen();
    picture::add_frame(svg, panel, "Hypervolume, median and quartiles over seeds", "evaluations", "hypervolume");
    for (std::size_t i = 0; i < comparison.groups.size(); ++i) {
        const std::vector<Band>& curve = comparison.groups[i].curve;
        if (curve.empty()) {
            continue;
        }
        std::string area;
        std::string line;
        for (const Band& band : curve) {
            const auto evaluations = static_cast<double>(band.evaluations);
            area += (area.empty() ? "M" : "L") + panel.at(evaluations, band.hypervolume.upper);
            line += (line.empty() ? "M" : "L") + panel.at(evaluations, band.hypervolume.median);
        }
        for (auto band = curve.rbegin(); band != curve.rend(); ++band) {
            area += 'L' + panel.at(static_cast<double>(band->evaluations), band->hypervolume.lower);
        }
        if (comparison.groups[i].runs.size() > 1) {
            svg.add_empty("path", {{"class", "band"}, {"d", area + 'Z'}, {"fill", colour(i)}});
        }
        svg.add_empty("path", {{"class", "curve"}, {"d", line}, {"stroke", colour(i)}});
    }
}

// Runs of one objective have a best instead of a front: against the seed's place in its group.
void add_fronts(Markup& svg, const Comparison& comparison) {
    const ComparedRun& first = comparison.runs.front();
    const bool is_plane = first.objectives.size() > 1;
    Panel panel = empty_panel(left_margin + panel_width + gap);
    const auto place = [&](const std::vector<double>& row, std::size_t number) {
        return is_plane ? std::array<double, 2>{row[0], row[1]}
                        : std::array<double, 2>{static_cast<double>(number), row[0]};
    };
    for (const RunGroup& group : comparison.groups) {
        for (std::size_t number = 0; number < group.runs.size(); ++number) {
            for (const std::vector<double>& row : comparison.runs[group.runs[number]].front) {
                panel.across.include(place(row, number + 1)[0]);
                panel.up.include(place(row, number + 1)[1]);
            }
        }
    }
    if (is_plane && first.baseline) {
        panel.across.include((*first.baseline)[0]);
        panel.up.include((*first.baseline)[1]);
    }
    panel.across.widen();
    panel.up.widen();
    const std::string title =
        !is_plane ? "Best of each run"
        : first.objectives.size() == 2
            ? "Fronts of all runs"
            : "Fronts of all runs, the first two of " + std::to_string(first.objectives.size()) + " objectives";
    picture::add_frame(svg, panel, title, is_plane ? first.titles[0] : "run of its group",
                       first.titles[is_plane ? 1 : 0]);
    for (std::size_t i = 0; i < comparison.groups.size(); ++i) {
        const RunGroup& group = comparison.groups[i];
        const auto circles = svg.open("g", {{"fill", colour(i)}, {"fill-opacity", "0.25"}, {"stroke", colour(i)}});
        for (std::size_t number = 0; number < group.runs.size(); ++number) {
            for (const std::vector<double>& row : comparison.runs[group.runs[number]].front) {
                const auto [across, up] = place(row, number + 1);
                svg.add_empty("circle",
                              {{"cx", coordinate(panel.x(across))}, {"cy", coordinate(panel.y(up))}, {"r", "2.6"}});
            }
        }
    }
    if (is_plane && first.baseline) {
        picture::add_baseline(svg, panel, (*first.baseline)[0], (*first.baseline)[1]);
    }
}

void add_legend(Markup& svg, const Comparison& comparison, double top) {
    for (std::size_t i = 0; i < comparison.groups.size(); ++i) {
        const RunGroup& group = comparison.groups[i];
        const double y = top + legend_row * static_cast<double>(i);
        svg.add_empty("rect", {{"x", coordinate(left_margin)},
                               {"y", coordinate(y - 10)},
                               {"width", "18"},
                               {"height", "10"},
                               {"fill", colour(i)}});
        const std::size_t runs = group.runs.size();
        picture::add_text(svg, left_margin + 26, y, "start",
                          group.name + " (" + std::to_string(runs) + (runs == 1 ? " run)" : " runs)"));
    }
}

}  // namespace

std::string to_svg(const Comparison& comparison) {
    const double legend_top = top_margin + panel_height + 66;
    const double width = left_margin + 2 * panel_width + gap + right_margin;
    const double height = legend_top + legend_row * static_cast<double>(comparison.groups.size());
    Markup svg;
    {
        const auto document = svg.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                                               {"width", coordinate(width)},
                                               {"height", coordinate(height)},
                                               {"viewBox", "0 0 " + coordinate(width) + ' ' + coordinate(height)},
                                               {"font-family", "sans-serif"},
                                               {"font-size", "12"}});
        svg.add("style", {}, style);
        svg.add_empty("rect", {{"width", "100%"}, {"height", "100%"}, {"fill", "#fff"}});
        add_curves(svg, comparison);
        add_fronts(svg, comparison);
        add_legend(svg, comparison, legend_top);
    }
    return svg.take();
}

}  // namespace sotto::tools
