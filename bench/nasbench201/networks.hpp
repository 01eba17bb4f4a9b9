// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "bench/nasbench201/measured_cells.hpp"
#include "engine/arch/canonical_hash.hpp"
#include "search/space/space.hpp"

namespace sotto::nasbench201 {

/// One network, and the mean of what was measured of the cells that give it.
struct MeasuredNetwork {
    arch::CanonicalHash hash;
    std::uint64_t key = 0;  ///< as the plug-in table-lookup knows it
    search::Genome genome;  ///< the first of its cells
    std::size_t cells = 0;
    std::vector<double> values;  ///< one for each column of the measurements
};

struct MeasuredNetworks {
    std::vector<MeasuredNetwork> networks;  ///< in the order of their first cells
    std::unordered_map<search::Genome, std::size_t, search::GenomeHash> of_genome;
    std::size_t cells_without_network = 0;  ///< nothing reaches the output
};

/// Throws input::InputError where a genome is not one of the space, and std::runtime_error where two networks have one
/// key.
MeasuredNetworks measured_networks(const search::Space& space, const MeasuredCells& measured);

}  // namespace sotto::nasbench201
