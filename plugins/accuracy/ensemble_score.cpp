// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/ensemble_score.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/combined_score.hpp"
#include "plugins/accuracy/ensemble_weights.hpp"

namespace sotto::accuracy {
namespace {

constexpr double chain_without_loss = 25;
constexpr double largest_rescaling = 4;
constexpr std::array<std::string_view, ensemble_part_count> part_metrics{"accuracy.capacity", "accuracy.sharpness",
                                                                         "accuracy.trainability"};

[[noreturn]] void refuse(std::string_view fitted) {
    throw CandidateError(SOTTO_INVALID_ARGUMENT,
                         "parameter 'fitted': found '" + std::string(fitted) +
                             "', expected what nas-run writes: '<metric> <mean> <standard deviation>', separated by "
                             "', ', with accuracy.capacity, accuracy.sharpness and accuracy.trainability among them");
}

/// Takes the next field off the front of `text`, up to `end` or to the end of it.
std::string_view next_field(std::string_view& text, std::string_view end) {
    const std::size_t at = text.find(end);
    const std::string_view field = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + end.size());
    return field;
}

double number(std::string_view field, std::string_view fitted) {
    double value = 0;
    const auto [end, problem] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (problem != std::errc{} || end != field.data() + field.size() || !std::isfinite(value)) {
        refuse(fitted);
    }
    return value;
}

}  // namespace

EnsembleParts ensemble_parts(const EnsembleMeasures& measures) {
    if (!(measures.score.units > 0)) {
        return least_parts;
    }
    const double trainability =
        std::min(0.0, -std::log(static_cast<double>(measures.shortest_path) / chain_without_loss));
    const double capacity = std::max(combined_score(measures.score), least_parts[0]);
    return {capacity, -measures.smoothing, std::max(trainability, least_parts[2])};
}

EnsembleWeights shipped_weights() {
    return fitted_weights;
}

EnsembleWeights weights_for_space(std::string_view fitted) {
    EnsembleWeights weights = fitted_weights;
    std::array<bool, ensemble_part_count> found{};
    for (std::string_view rest = fitted; !rest.empty();) {
        std::string_view entry = next_field(rest, ", ");
        const std::string_view metric = next_field(entry, " ");
        number(next_field(entry, " "), fitted);
        const double deviation = number(entry, fitted);
        const auto part = std::find(part_metrics.begin(), part_metrics.end(), metric);
        if (deviation < 0) {
            refuse(fitted);
        }
        if (part != part_metrics.end()) {
            const auto index = static_cast<std::size_t>(part - part_metrics.begin());
            if (found[index]) {
                refuse(fitted);
            }
            found[index] = true;
            const double least = fitted_deviations[index] / largest_rescaling;
            const double most = fitted_deviations[index] * largest_rescaling;
            weights[index] *= fitted_deviations[index] / std::clamp(deviation, least, most);
        }
    }
    if (std::find(found.begin(), found.end(), false) != found.end()) {
        refuse(fitted);
    }
    return weights;
}

double ensemble_score(const EnsembleParts& parts, const EnsembleWeights& weights) {
    double score = 0;
    for (std::size_t part = 0; part < ensemble_part_count; ++part) {
        score += weights[part] * (parts[part] - least_parts[part]);
    }
    return score;
}

}  // namespace sotto::accuracy
