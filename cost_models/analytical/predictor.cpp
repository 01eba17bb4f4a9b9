// SPDX-License-Identifier: Apache-2.0
#include "cost_models/analytical/predictor.hpp"

namespace sotto::analytical {

Predictor::Predictor(const Coefficients& coefficients) {
    for (std::size_t i = 0; i < layer_type_count; ++i) {
        const auto type = static_cast<LayerType>(i);
        lines_[i] = {line_of(coefficients.fit(Role::client, type)), line_of(coefficients.fit(Role::server, type))};
    }
    for (std::size_t kind = 0; kind < kind_count; ++kind) {
        const auto type = priced_as(static_cast<std::int32_t>(kind));
        is_priced_[kind] = type.has_value() && coefficients.has(*type);
        types_[kind] = type.value_or(LayerType::conv);
    }
}

Predictor::Line Predictor::line_of(const Fit& fit) {
    Line line;
    line.constant = fit.intercept_ms;
    for (std::size_t i = 0; i < fit.terms.size(); ++i) {
        line.slopes[i] = fit.terms[i].ms_per_unit;
        line.constant -= fit.terms[i].ms_per_unit * fit.terms[i].least;
    }
    return line;
}

std::string Predictor::refusal(const sotto_operation& operation, std::uint32_t index) const {
    const std::string which = "operation " + std::to_string(index);
    if (knows(operation.kind) && operation.kind == SOTTO_OPERATION_MULTIPLY) {
        return which + " (an elementwise product) has no shape, which its price depends on";
    }
    if (knows(operation.kind)) {
        return which + " (conv) has stride " + std::to_string(operation.window.stride_height) + 'x' +
               std::to_string(operation.window.stride_width) + ", expected positive strides";
    }
    const auto type = priced_as(operation.kind);
    const std::string name = type                                       ? std::string(info(*type).name)
                             : operation.kind == SOTTO_OPERATION_ARGMAX ? "argmax"
                                                                        : "of an unknown kind";
    return which + " (" + name + ", number " + std::to_string(operation.kind) + ") was not measured";
}

}  // namespace sotto::analytical
