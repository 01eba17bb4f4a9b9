// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tools/picture/axis.hpp"
#include "tools/picture/markup.hpp"

namespace sotto::picture {

/// A length or place in a picture, to a tenth of a unit.
std::string coordinate(double value);

/// A rectangle of a picture with an axis along its lower edge and one up its left edge. Labels stand outside it: below,
/// `room_below`, and to its left, `room_left`.
struct Panel {
    static constexpr double room_below = 44;
    static constexpr double room_left = 70;

    double left = 0;
    double top = 0;
    double width = 0;
    double height = 0;
    Axis across;
    Axis up;

    double right() const { return left + width; }
    double bottom() const { return top + height; }
    double x(double value) const { return left + width * across.part(value); }
    double y(double value) const { return top + height * (1 - up.part(value)); }
    /// `X,Y`, as paths take it.
    std::string at(double across_value, double up_value) const {
        return coordinate(x(across_value)) + ',' + coordinate(y(up_value));
    }
    bool holds(double across_value, double up_value) const { return across.holds(across_value) && up.holds(up_value); }
};

/// The only panel of a picture so wide, with `margin` above and to its right.
Panel lone_panel(double picture_width, double height, double margin);

/// An SVG within a page, with a label for those who do not see it.
Markup::Element open_picture(Markup& html, double width, double height, std::string_view label);

/// A text at a place; `anchor` as SVG has it: start, middle, end.
void add_text(Markup& svg, double x, double y, std::string_view anchor, std::string_view text,
              std::string_view css_class = "label");

/// The panel's border, grid, labels, and what its axes stand for. Classes: `frame`, `grid`, `label`, `title`.
void add_frame(Markup& svg, const Panel& panel, std::string_view title, std::string_view across, std::string_view up);

/// A cross, class `baseline`, and beside it what it is, class `name`.
void add_baseline(Markup& svg, const Panel& panel, double across, double up);

}  // namespace sotto::picture
