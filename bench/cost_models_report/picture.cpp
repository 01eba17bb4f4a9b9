// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_models_report/picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string_view>
#include <vector>

#include "cost_models/training/latency_trainer.hpp"

namespace sotto::report {
namespace {

constexpr double side = 260;  // of a panel's square
constexpr double left_margin = 90;
constexpr double right_margin = 24;
constexpr double top_margin = 70;
constexpr double gap = 66;
constexpr double least_ms = 0.1;  // a prediction below it, 0 too, is drawn on the axis
// Okabe and Ito: told apart by readers with any colour vision.
constexpr std::array<std::string_view, 3> colours = {"#0072b2", "#e69f00", "#009e73"};

struct PanelRow {
    std::string_view name;
    std::vector<Point> PointSets::*points;
    double radius;
};
constexpr std::array<PanelRow, 3> panel_rows = {
    {{"operations, configuration unseen", &PointSets::operations, 1.1},
     {"published networks, left out", &PointSets::published_networks, 2.2},
     {"our measured networks, left out", &PointSets::measured_networks, 2.2}}};

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

// A text of the program's own; no character in it needs escaping.
void put_text(std::string& svg, double x, double y, std::string_view text, std::string_view attributes = {}) {
    svg += "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" " + std::string(attributes) + '>' +
           std::string(text) + "</text>\n";
}

void put_line(std::string& svg, double x1, double y1, double x2, double y2, std::string_view attributes) {
    svg += "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\"" + number(y2) +
           "\" " + std::string(attributes) + "/>\n";
}

// The decades that both axes of a row of panels span.
struct Decades {
    int least = 0;
    int most = 1;
};

Decades decades_of(const Report& report, const PanelRow& row) {
    double least = std::numeric_limits<double>::infinity();
    double most = 0;
    for (const PointSets& sets : report.points) {
        for (const Point& point : sets.*row.points) {
            for (const double value : {point.measured_ms, point.predicted_ms}) {
                least = std::min(least, std::max(value, least_ms));
                most = std::max(most, value);
            }
        }
    }
    if (most <= 0) {
        return {};
    }
    const int low = static_cast<int>(std::floor(std::log10(least)));
    return {low, std::max(low + 1, static_cast<int>(std::ceil(std::log10(most))))};
}

std::string time_text(int decade) {
    constexpr std::array<std::string_view, 8> names = {"0.1 ms", "1 ms", "10 ms", "100 ms",
                                                       "1 s",    "10 s", "100 s", "1000 s"};
    const int index = decade + 1;
    return index >= 0 && index < static_cast<int>(names.size()) ? std::string(names[static_cast<std::size_t>(index)])
                                                                : "1e" + std::to_string(decade) + " ms";
}

void put_panel(std::string& svg, double x, double y, const Decades& decades, const std::vector<Point>& points,
               double radius) {
    const auto along = [&](double value) {
        return side * (std::log10(std::max(value, least_ms)) - decades.least) / (decades.most - decades.least);
    };
    svg += "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(side) + "\" height=\"" +
           number(side) + "\" fill=\"#ffffff\" stroke=\"#444444\"/>\n";
    for (int decade = decades.least; decade <= decades.most; ++decade) {
        const double at = along(std::pow(10, decade));
        if (decade != decades.least && decade != decades.most) {
            put_line(svg, x + at, y, x + at, y + side, "stroke=\"#e0e0e0\"");
            put_line(svg, x, y + side - at, x + side, y + side - at, "stroke=\"#e0e0e0\"");
        }
        put_text(svg, x + at, y + side + 14, time_text(decade), "text-anchor=\"middle\" font-size=\"10\"");
        put_text(svg, x - 5, y + side - at + 3.5, time_text(decade), "text-anchor=\"end\" font-size=\"10\"");
    }
    put_line(svg, x, y + side, x + side, y, "stroke=\"#888888\"");
    for (std::size_t setting = 0; setting < colours.size(); ++setting) {
        std::string path;
        for (const Point& point : points) {
            if (point.setting == setting && point.measured_ms > 0) {
                path += 'M' + number(x + along(point.measured_ms)) + ' ' +
                        number(y + side - along(point.predicted_ms)) + "h0";
            }
        }
        if (!path.empty()) {
            svg += "<path d=\"" + path + "\" stroke=\"" + std::string(colours[setting]) + "\" stroke-width=\"" +
                   number(2 * radius) + "\" stroke-linecap=\"round\" stroke-opacity=\"0.55\" fill=\"none\"/>\n";
        }
    }
    if (points.empty()) {
        put_text(svg, x + side / 2, y + side / 2, "not computed",
                 "text-anchor=\"middle\" font-size=\"12\" fill=\"#888888\"");
    }
}

}  // namespace

std::string to_svg(const Report& report) {
    const auto columns = static_cast<double>(std::max<std::size_t>(report.points.size(), 1));
    const double width = std::max(left_margin + columns * (side + gap) - gap + right_margin, 480.0);
    const double height = top_margin + static_cast<double>(panel_rows.size()) * (side + gap) - gap / 2;
    std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(width) + "\" height=\"" +
                      number(height) +
                      "\" font-family=\"sans-serif\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
    put_text(svg, left_margin, 22, "Held-out times: predicted against measured",
             "font-size=\"15\" font-weight=\"bold\"");
    double legend = left_margin;
    for (std::size_t setting = 0; setting < colours.size(); ++setting) {
        svg += "<circle cx=\"" + number(legend + 5) + "\" cy=\"38\" r=\"4\" fill=\"" + std::string(colours[setting]) +
               "\"/>\n";
        put_text(svg, legend + 14, 42, training::settings()[setting].name, "font-size=\"12\"");
        legend += 70;
    }
    for (std::size_t r = 0; r < panel_rows.size(); ++r) {
        const double y = top_margin + static_cast<double>(r) * (side + gap);
        const Decades decades = decades_of(report, panel_rows[r]);
        for (std::size_t c = 0; c < report.points.size(); ++c) {
            const double x = left_margin + static_cast<double>(c) * (side + gap);
            put_text(svg, x, y - 7, report.points[c].model + ": " + std::string(panel_rows[r].name),
                     "font-size=\"12\"");
            put_panel(svg, x, y, decades, report.points[c].*panel_rows[r].points, panel_rows[r].radius);
        }
    }
    return svg + "</svg>\n";
}

}  // namespace sotto::report
