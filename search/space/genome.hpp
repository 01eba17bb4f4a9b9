// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include <xxhash.h>

namespace sotto::search {

/// One small integer per choice of the space: the index of the alternative taken. Inactive genes (choices inside a
/// branch that is not taken) are 0, so that equal candidates have equal genomes as far as activity tells.
using Gene = std::int16_t;

struct Genome {
    std::vector<Gene> genes;

    friend bool operator==(const Genome&, const Genome&) = default;
    friend auto operator<=>(const Genome&, const Genome&) = default;
};

struct GenomeHash {
    std::size_t operator()(const Genome& genome) const noexcept {
        return static_cast<std::size_t>(XXH3_64bits(genome.genes.data(), genome.genes.size() * sizeof(Gene)));
    }
};

}  // namespace sotto::search
