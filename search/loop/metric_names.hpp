// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/input/input_error.hpp"
#include "engine/plugin/description.hpp"

namespace sotto::search {

/// The metrics that objectives and limits may name: `params`, `macs`, `relus`, `comparisons`, and those of plug-ins.
class MetricNames {
  public:
    MetricNames();

    /// Throws input::InputError at `place` for a metric that is there already.
    void add_plugin(const plugin::Description& plugin, const input::SourceLocation& place);

    /// Which way is better. Throws input::InputError at `place` for an unknown name, with the nearest.
    plugin::Direction direction(const std::string& name, const input::SourceLocation& place) const;

  private:
    void add(std::string name, plugin::Direction direction);
    std::size_t index_of(const std::string& name) const;

    std::vector<std::string> names_;
    std::vector<plugin::Direction> directions_;
};

}  // namespace sotto::search
