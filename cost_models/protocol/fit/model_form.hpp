// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "cost_models/protocol/coefficients.hpp"
#include "cost_models/protocol/price_fit.hpp"

namespace sotto::protocol {

/// What the repetitions of an operation are boiled down to.
enum class Repetitions : std::uint8_t {
    mean,
    minimum  ///< where the machine drifts: nothing makes an operation faster than it is
};

/// How an engine's measurements are fitted.
struct ModelForm {
    Coupling coupling = Coupling::coupled;
    Repetitions repetitions = Repetitions::mean;
    Recipe recipe;
    std::array<Prior, target_count> priors;
};

/// The form for an engine, with and without a link between the parties. docs/cost_models.md says why they differ.
/// `engine` must be one that engine_of takes.
ModelForm model_form(std::string_view engine);

}  // namespace sotto::protocol
