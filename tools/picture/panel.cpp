// SPDX-License-Identifier: Apache-2.0
#include "tools/picture/panel.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sotto::picture {
namespace {

// Between two labels of an axis, at least.
constexpr double label_width = 54;
constexpr double label_height = 28;

std::size_t label_count(double length, double room) {
    return static_cast<std::size_t>(std::max(2.0, length / room));
}

void add_across(Markup& svg, const Panel& panel) {
    for (const double value : panel.across.ticks(label_count(panel.width, label_width))) {
        svg.add_empty("path", {{"class", "grid"},
                               {"d", 'M' + coordinate(panel.x(value)) + ' ' + coordinate(panel.top) + 'V' +
                                         coordinate(panel.bottom())}});
        add_text(svg, panel.x(value), panel.bottom() + 16, "middle", tick_text(value));
    }
}

void add_up(Markup& svg, const Panel& panel) {
    for (const double value : panel.up.ticks(label_count(panel.height, label_height))) {
        svg.add_empty("path", {{"class", "grid"},
                               {"d", 'M' + coordinate(panel.left) + ' ' + coordinate(panel.y(value)) + 'H' +
                                         coordinate(panel.right())}});
        add_text(svg, panel.left - 6, panel.y(value) + 4, "end", tick_text(value));
    }
}

}  // namespace

std::string coordinate(double value) {
    std::array<char, 32> text;
    char* end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 1).ptr;
    if (end - text.data() > 2 && end[-1] == '0') {
        end -= 2;
    }
    return {text.data(), end};
}

Panel lone_panel(double picture_width, double height, double margin) {
    Panel panel;
    panel.left = Panel::room_left;
    panel.top = margin;
    panel.width = picture_width - Panel::room_left - margin;
    panel.height = height;
    return panel;
}

Markup::Element open_picture(Markup& html, double width, double height, std::string_view label) {
    return html.open("svg", {{"viewBox", "0 0 " + coordinate(width) + ' ' + coordinate(height)},
                             {"role", "img"},
                             {"aria-label", std::string(label)}});
}

void add_text(Markup& svg, double x, double y, std::string_view anchor, std::string_view text,
              std::string_view css_class) {
    svg.add("text",
            {{"class", std::string(css_class)},
             {"x", coordinate(x)},
             {"y", coordinate(y)},
             {"text-anchor", std::string(anchor)}},
            text);
}

void add_frame(Markup& svg, const Panel& panel, std::string_view title, std::string_view across, std::string_view up) {
    add_across(svg, panel);
    add_up(svg, panel);
    svg.add_empty("rect", {{"class", "frame"},
                           {"x", coordinate(panel.left)},
                           {"y", coordinate(panel.top)},
                           {"width", coordinate(panel.width)},
                           {"height", coordinate(panel.height)}});
    const double middle = panel.left + panel.width / 2;
    if (!title.empty()) {
        add_text(svg, middle, panel.top - 12, "middle", title, "title");
    }
    add_text(svg, middle, panel.bottom() + 36, "middle", across);
    const double side = panel.left - 56;
    const double height = panel.top + panel.height / 2;
    svg.add("text",
            {{"class", "label"},
             {"x", coordinate(side)},
             {"y", coordinate(height)},
             {"text-anchor", "middle"},
             {"transform", "rotate(-90 " + coordinate(side) + ' ' + coordinate(height) + ')'}},
            up);
}

void add_baseline(Markup& svg, const Panel& panel, double across, double up) {
    const double x = panel.x(across);
    const double y = panel.y(up);
    svg.add_empty("path",
                  {{"class", "baseline"}, {"d", 'M' + coordinate(x - 6) + ' ' + coordinate(y) + "h12m-6 -6v12"}});
    // Left of the mark where there is no room to its right.
    const bool is_far = x > panel.right() - 70;
    add_text(svg, is_far ? x - 10 : x + 10, y + 4, is_far ? "end" : "start", "baseline", "label name");
}

}  // namespace sotto::picture
