// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/latency_trainer.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace sotto::training {
namespace {

constexpr std::array<Setting, 3> known_settings = {
    {{"local", {std::numeric_limits<double>::infinity(), 0}}, {"lan", {7000, 0.5}}, {"wan", {380, 10}}}};

}  // namespace

std::span<const Setting> settings() {
    return known_settings;
}

const Setting* find_setting(std::string_view name) {
    const auto found = std::find_if(known_settings.begin(), known_settings.end(),
                                    [&](const Setting& setting) { return setting.name == name; });
    return found == known_settings.end() ? nullptr : &*found;
}

}  // namespace sotto::training
