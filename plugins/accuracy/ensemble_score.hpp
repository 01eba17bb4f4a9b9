// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "plugins/accuracy/score_measures.hpp"

namespace sotto::accuracy {

/// What the ensemble is made from; all of it a function of the candidate alone.
struct EnsembleMeasures {
    ScoreMeasures score;
    double smoothing = 0;            ///< smoothing_share (smoothing.hpp)
    std::int64_t shortest_path = 0;  ///< layers with weights
};

/// The parts of the ensemble, higher is better for each.
enum class EnsemblePart : std::uint8_t { capacity, sharpness, trainability };

inline constexpr std::size_t ensemble_part_count = 3;
using EnsembleParts = std::array<double, ensemble_part_count>;

/// Smallest values of the parts: those of a network without activation units.
inline constexpr EnsembleParts least_parts{0, -1, -2};

/// capacity is combined_score (combined_score.hpp), sharpness = -smoothing, trainability = -ln(shortest path / 25)
/// where that is below 0, else 0, and at least -2. docs/accuracy_proxies.md gives the reasons.
EnsembleParts ensemble_parts(const EnsembleMeasures& measures);

/// What each part counts, per unit of the part; not negative.
using EnsembleWeights = EnsembleParts;

/// Those that were fitted (ensemble_weights.hpp).
EnsembleWeights shipped_weights();

/// The same, for a space whose members differ by other amounts than the networks the weights were fitted on: each part
/// counts per standard deviation among members of the space, as it does there per standard deviation among those
/// networks. No part is scaled by more than a factor of 4, so that one in which the space's members hardly differ does
/// not come to count by its noise. `fitted`: what nas-run puts into the parameter of that name
/// (search/loop/space_fit.hpp). Throws CandidateError with SOTTO_INVALID_ARGUMENT for another text.
EnsembleWeights weights_for_space(std::string_view fitted);

/// Sum of weights times what each part is above its least value: 0 for a network without activation units, positive for
/// every other.
double ensemble_score(const EnsembleParts& parts, const EnsembleWeights& weights);

}  // namespace sotto::accuracy
