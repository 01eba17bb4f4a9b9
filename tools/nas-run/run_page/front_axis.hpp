// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "tools/picture/axis.hpp"

namespace sotto::tools {

/// The axis of an objective that gives a front room: it holds all of `always` and the values of the front, but for a
/// few of these at either end, one in twenty at most, that lie apart from all else by more than twice what that spans.
/// Values are finite.
picture::Axis front_axis(std::vector<double> front, std::span<const double> always);

}  // namespace sotto::tools
