// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_models_report/bars.hpp"

#include <algorithm>
#include <cmath>

namespace sotto::report {

double least_grouped_r2(std::string_view setting, std::string_view layer) {
    if (layer == "conv" || layer == "maxpool") {
        return 0.99;
    }
    if (layer == "fc") {
        return setting == "local" ? 0.90 : 0.97;
    }
    return 0.98;
}

bool is_reproduced(const LayerFigure& published, const LayerResult& result) {
    const auto is_near = [](double value, const Spread& spread, double margin) {
        return value >= spread.least - margin && value <= spread.most + margin;
    };
    return is_near(published.r2, result.r2, 0.01) && is_near(published.mae_ms, result.mae_ms, 3);
}

bool matches_or_beats(const std::map<std::string, LayerFigure>& published, const LayerResult& result) {
    return std::all_of(published.begin(), published.end(), [&](const auto& method) {
        return std::round(result.r2.mean * 1000) >= std::round(method.second.r2 * 1000) &&
               std::round(result.mae_ms.mean) <= method.second.mae_ms;
    });
}

MeasuredBar measured_bar(std::string_view setting) {
    return setting == "wan" ? MeasuredBar{3.5, 12} : MeasuredBar{7, 18};
}

double most_microseconds(std::string_view model) {
    if (model == "analytical" || model == "protocol") {
        return 20;
    }
    if (model == "mlp") {
        return 300;
    }
    return model == "lstm" ? 3000 : 0;
}

}  // namespace sotto::report
