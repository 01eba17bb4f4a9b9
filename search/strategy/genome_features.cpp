// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/genome_features.hpp"

#include <algorithm>
#include <cassert>

namespace sotto::search {
namespace {

constexpr std::uint32_t most_indicators_of_a_gene = 11;
constexpr std::size_t most_indicators = 600;

}  // namespace

GenomeFeatures::GenomeFeatures(const std::vector<std::uint32_t>& levels) {
    std::size_t indicators = 0;
    for (const std::uint32_t count : levels) {
        indicators += count <= most_indicators_of_a_gene + 1 ? count - 1 : 2;
    }
    for (const std::uint32_t count : levels) {
        const bool few = count <= 2 || (count <= most_indicators_of_a_gene + 1 && indicators <= most_indicators);
        encodings_.push_back({count, few});
        count_ += few ? count - 1 : 2;
    }
}

void GenomeFeatures::fill(const Genome& genome, std::span<double> into) const {
    assert(genome.genes.size() == encodings_.size() && into.size() == count_);
    std::fill(into.begin(), into.end(), 0.0);
    std::size_t at = 0;
    for (std::size_t gene = 0; gene < encodings_.size(); ++gene) {
        const auto [levels, indicators] = encodings_[gene];
        const auto value = static_cast<std::size_t>(genome.genes[gene]);
        if (indicators) {
            if (value > 0) {
                into[at + value - 1] = 1;
            }
            at += levels - 1;
        } else {
            const double share = static_cast<double>(value) / static_cast<double>(levels - 1);
            into[at] = share;
            into[at + 1] = share * share;
            at += 2;
        }
    }
}

}  // namespace sotto::search
