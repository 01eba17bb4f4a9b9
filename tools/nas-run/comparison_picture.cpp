// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "tools/nas-run/comparison.hpp"

namespace sotto::tools {
namespace {

constexpr double panel_width = 440;
constexpr double panel_height = 320;
constexpr double left_margin = 78;
constexpr double top_margin = 40;
constexpr double gap = 96;
constexpr double right_margin = 24;
constexpr double legend_row = 20;
// Okabe and Ito: told apart by readers with any colour vision.
constexpr std::array<std::string_view, 7> colours = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                                     "#56b4e9", "#d55e00", "#444444"};

std::string_view colour(std::size_t group) {
    return colours[group % colours.size()];
}

std::string coordinate(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

std::string tick_text(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value);
    return text;
}

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '&':
                result += "&amp;";
                break;
            case '"':
                result += "&quot;";
                break;
            default:
                result += c;
        }
    }
    return result;
}

// The values that an axis spans.
class Axis {
  public:
    void include(double value) {
        if (std::isfinite(value)) {
            low_ = empty_ ? value : std::min(low_, value);
            high_ = empty_ ? value : std::max(high_, value);
            empty_ = false;
        }
    }

    // Some room at both ends, and a span where there is but one value.
    void widen() {
        const double span = high_ > low_ ? high_ - low_ : std::max(1e-9, std::abs(high_));
        low_ -= 0.04 * span;
        high_ += 0.04 * span;
    }

    double part(double value) const { return (value - low_) / (high_ - low_); }

    // 1, 2 or 5 times a power of ten apart.
    std::vector<double> ticks() const {
        const double rough = (high_ - low_) / 5;
        const double power = std::pow(10, std::floor(std::log10(rough)));
        const double step = power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10);
        std::vector<double> values;
        for (double value = std::ceil(low_ / step) * step; value <= high_; value += step) {
            values.push_back(std::abs(value) < step / 1e6 ? 0 : value);
        }
        return values;
    }

  private:
    double low_ = 0;
    double high_ = 1;
    bool empty_ = true;
};

struct Panel {
    double left = 0;
    Axis across;
    Axis up;

    double x(double value) const { return left + panel_width * across.part(value); }
    double y(double value) const { return top_margin + panel_height * (1 - up.part(value)); }
    std::string at(double across_value, double up_value) const {
        return coordinate(x(across_value)) + ',' + coordinate(y(up_value));
    }
};

void add_text(std::string& svg, double x, double y, std::string_view anchor, std::string_view text,
              std::string_view more = "") {
    svg += "<text x=\"" + coordinate(x) + "\" y=\"" + coordinate(y) + "\" text-anchor=\"" + std::string(anchor) + '"' +
           std::string(more) + '>' + escaped(text) + "</text>\n";
}

void add_frame(std::string& svg, const Panel& panel, std::string_view title, std::string_view across,
               std::string_view up) {
    const double bottom = top_margin + panel_height;
    for (const double value : panel.across.ticks()) {
        const std::string x = coordinate(panel.x(value));
        svg += "<path class=\"grid\" d=\"M" + x + ' ' + coordinate(top_margin) + 'V' + coordinate(bottom) + "\"/>\n";
        add_text(svg, panel.x(value), bottom + 16, "middle", tick_text(value));
    }
    for (const double value : panel.up.ticks()) {
        const std::string y = coordinate(panel.y(value));
        svg += "<path class=\"grid\" d=\"M" + coordinate(panel.left) + ' ' + y + 'H' +
               coordinate(panel.left + panel_width) + "\"/>\n";
        add_text(svg, panel.left - 6, panel.y(value) + 4, "end", tick_text(value));
    }
    svg += "<rect x=\"" + coordinate(panel.left) + "\" y=\"" + coordinate(top_margin) + "\" width=\"" +
           coordinate(panel_width) + "\" height=\"" + coordinate(panel_height) + "\" fill=\"none\" stroke=\"#333\"/>\n";
    const double middle = panel.left + panel_width / 2;
    add_text(svg, middle, top_margin - 14, "middle", title, " font-weight=\"bold\"");
    add_text(svg, middle, bottom + 36, "middle", across);
    const double side = panel.left - 62;
    const double height = top_margin + panel_height / 2;
    add_text(svg, side, height, "middle", up,
             " transform=\"rotate(-90 " + coordinate(side) + ' ' + coordinate(height) + ")\"");
}

void add_curves(std::string& svg, const Comparison& comparison) {
    Panel panel;
    panel.left = left_margin;
    panel.across.include(0);
    for (const RunGroup& group : comparison.groups) {
        for (const Band& band : group.curve) {
            panel.across.include(static_cast<double>(band.evaluations));
            panel.up.include(band.hypervolume.lower);
            panel.up.include(band.hypervolume.upper);
        }
    }
    panel.up.widen();
    add_frame(svg, panel, "Hypervolume, median and quartiles over seeds", "evaluations", "hypervolume");
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
        const std::string shade(colour(i));
        if (comparison.groups[i].runs.size() > 1) {
            svg += "<path d=\"" + area + "Z\" fill=\"" + shade + "\" fill-opacity=\"0.2\"/>\n";
        }
        svg += "<path d=\"" + line + "\" fill=\"none\" stroke=\"" + shade + "\" stroke-width=\"2\"/>\n";
    }
}

// Runs of one objective have a best instead of a front: against the seed's place in its group.
void add_fronts(std::string& svg, const Comparison& comparison) {
    const ComparedRun& first = comparison.runs.front();
    const bool is_plane = first.objectives.size() > 1;
    Panel panel;
    panel.left = left_margin + panel_width + gap;
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
    add_frame(svg, panel, title, is_plane ? first.titles[0] : "run of its group", first.titles[is_plane ? 1 : 0]);
    for (std::size_t i = 0; i < comparison.groups.size(); ++i) {
        const RunGroup& group = comparison.groups[i];
        svg += "<g fill=\"" + std::string(colour(i)) + "\" fill-opacity=\"0.25\" stroke=\"" + std::string(colour(i)) +
               "\">\n";
        for (std::size_t number = 0; number < group.runs.size(); ++number) {
            for (const std::vector<double>& row : comparison.runs[group.runs[number]].front) {
                const auto [across, up] = place(row, number + 1);
                svg += "<circle cx=\"" + coordinate(panel.x(across)) + "\" cy=\"" + coordinate(panel.y(up)) +
                       "\" r=\"2.6\"/>\n";
            }
        }
        svg += "</g>\n";
    }
    if (is_plane && first.baseline) {
        const double x = panel.x((*first.baseline)[0]);
        const double y = panel.y((*first.baseline)[1]);
        svg += "<path d=\"M" + coordinate(x - 5) + ' ' + coordinate(y) +
               "h10m-5 -5v10\" stroke=\"#000\" stroke-width=\"2\"/>\n";
        // Left of the mark where there is no room to its right.
        const bool is_far = x > panel.left + panel_width - 70;
        add_text(svg, is_far ? x - 9 : x + 9, y + 4, is_far ? "end" : "start", "baseline");
    }
}

void add_legend(std::string& svg, const Comparison& comparison, double top) {
    for (std::size_t i = 0; i < comparison.groups.size(); ++i) {
        const RunGroup& group = comparison.groups[i];
        const double y = top + legend_row * static_cast<double>(i);
        svg += "<rect x=\"" + coordinate(left_margin) + "\" y=\"" + coordinate(y - 10) +
               "\" width=\"18\" height=\"10\" fill=\"" + std::string(colour(i)) + "\"/>\n";
        const std::size_t runs = group.runs.size();
        add_text(svg, left_margin + 26, y, "start",
                 group.name + " (" + std::to_string(runs) + (runs == 1 ? " run)" : " runs)"));
    }
}

}  // namespace

std::string to_svg(const Comparison& comparison) {
    const double legend_top = top_margin + panel_height + 66;
    const double width = left_margin + 2 * panel_width + gap + right_margin;
    const double height = legend_top + legend_row * static_cast<double>(comparison.groups.size());
    std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + coordinate(width) + "\" height=\"" +
                      coordinate(height) + "\" viewBox=\"0 0 " + coordinate(width) + ' ' + coordinate(height) +
                      "\" font-family=\"sans-serif\" font-size=\"12\">\n"
                      "<style>.grid{stroke:#ddd;fill:none}</style>\n"
                      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
    add_curves(svg, comparison);
    add_fronts(svg, comparison);
    add_legend(svg, comparison, legend_top);
    return svg + "</svg>\n";
}

}  // namespace sotto::tools
