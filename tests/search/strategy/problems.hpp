// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "search/pareto/archive.hpp"
#include "search/strategy/strategy.hpp"

// Problems whose fronts are known, on integer genomes.
namespace sotto::search::test {

using Problem = std::function<Outcome(const Genome&)>;

inline Outcome outcome(double first, double second, double violation = 0) {
    return {true, violation, {first, second}};
}

/// ZDT1 (Zitzler, Deb, Thiele 2000) with every variable on `steps` + 1 points of [0, 1]. The front has genes 1.. at 0
/// and f2 = 1 - sqrt(f1).
inline Problem zdt1(int steps) {
    return [steps](const Genome& genome) {
        double sum = 0;
        for (std::size_t k = 1; k < genome.genes.size(); ++k) {
            sum += static_cast<double>(genome.genes[k]) / steps;
        }
        const double f1 = static_cast<double>(genome.genes[0]) / steps;
        const double g = 1 + 9 * sum / static_cast<double>(genome.genes.size() - 1);
        return outcome(f1, g * (1 - std::sqrt(f1 / g)));
    };
}

/// Leading ones, trailing zeros (Laumanns, Thiele, Zitzler 2004), both maximised. Of n bits the front is 1^i 0^(n-i).
inline Outcome leading_ones_trailing_zeros(const Genome& genome) {
    std::size_t ones = 0;
    while (ones < genome.genes.size() && genome.genes[ones] == 1) {
        ++ones;
    }
    std::size_t zeros = 0;
    while (zeros < genome.genes.size() && genome.genes[genome.genes.size() - 1 - zeros] == 0) {
        ++zeros;
    }
    return outcome(-static_cast<double>(ones), -static_cast<double>(zeros));
}

/// CONSTR (Deb 2001): x1 in [0.1, 1] on gene 0 of 181 levels, x2 in [0, 5] on gene 1 of 251 levels.
inline Outcome constr(const Genome& genome) {
    const double x1 = 0.1 + 0.005 * genome.genes[0];
    const double x2 = 0.02 * genome.genes[1];
    const double first = std::max(0.0, 6 - (x2 + 9 * x1));
    const double second = std::max(0.0, 1 - (-x2 + 9 * x1));
    return outcome(x1, (1 + x2) / x1, first / 6 + second);
}

/// What a run of ask and tell saw.
struct Run {
    std::vector<Genome> asked;
    std::vector<Outcome> outcomes;
    pareto::Archive front{2};  ///< of those that keep the constraints; the id is the position in `asked`
    bool repeated = false;     ///< a genome was asked twice
    bool exhausted = false;
};

inline Run run(Strategy& strategy, const Problem& problem, std::size_t budget, std::size_t batch = SIZE_MAX) {
    Run seen;
    std::set<Genome> known;
    while (seen.asked.size() < budget) {
        const auto genomes = strategy.ask(std::min(batch, budget - seen.asked.size()));
        if (genomes.empty()) {
            seen.exhausted = true;
            break;
        }
        std::vector<Outcome> outcomes;
        for (const Genome& genome : genomes) {
            outcomes.push_back(problem(genome));
            if (outcomes.back().evaluated && outcomes.back().constraint_violation == 0) {
                seen.front.add(seen.asked.size(), std::span<const double>(outcomes.back().objectives).first(2));
            }
            seen.repeated = seen.repeated || !known.insert(genome).second;
            seen.asked.push_back(genome);
            seen.outcomes.push_back(outcomes.back());
        }
        strategy.tell(outcomes);
    }
    return seen;
}

}  // namespace sotto::search::test
