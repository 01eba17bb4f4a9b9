// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/extrapolation.hpp"

#include <cmath>
#include <cstddef>

namespace sotto::protocol {
namespace {

Extrapolation::Moved times_of(const Predictor& predictor, std::span<const sotto_operation> program) {
    const Predictor::Position end = predictor.end_of(program);
    return {end.sum.client_ms, end.sum.server_ms, predictor.total_ms(end)};
}

}  // namespace

Extrapolation::Extrapolation(const Coefficients& coefficients, const EngineProfile& engine, const Circumstances& fitted,
                             const Circumstances& asked) {
    Circumstances at = fitted;
    const auto step_here = [&] {
        EngineParameters parameters = engine.parameters();
        parameters.bit_length = at.bit_length;
        steps_.emplace_back(coefficients, engine.with(parameters), at.link);
    };
    const auto step_to = [&](const Circumstances& next) {
        if (next == at) {
            return;
        }
        if (steps_.empty()) {
            step_here();
        }
        at = next;
        step_here();
    };
    step_to({{asked.link.ms_per_byte, fitted.link.one_way_ms}, fitted.bit_length});
    step_to({asked.link, fitted.bit_length});
    step_to(asked);
}

Extrapolation::Moved Extrapolation::moved(std::span<const sotto_operation> program) const {
    Moved moved;
    Moved before;
    for (std::size_t step = 0; step < steps_.size(); ++step) {
        const Moved here = times_of(steps_[step], program);
        if (step > 0) {
            moved.client_ms += std::fabs(here.client_ms - before.client_ms);
            moved.server_ms += std::fabs(here.server_ms - before.server_ms);
            moved.total_ms += std::fabs(here.total_ms - before.total_ms);
        }
        before = here;
    }
    return moved;
}

}  // namespace sotto::protocol
