// SPDX-License-Identifier: Apache-2.0
#include "bench/nasbench201/networks.hpp"

#include <stdexcept>
#include <unordered_set>
#include <utility>

#include "engine/plugin/instance.hpp"
#include "plugins/examples/table_lookup/network_key.hpp"

namespace sotto::nasbench201 {

MeasuredNetworks measured_networks(const search::Space& space, const MeasuredCells& measured) {
    MeasuredNetworks result;
    std::unordered_map<arch::CanonicalHash, std::size_t> known;
    std::unordered_set<std::uint64_t> keys;
    search::Space::Decoder decoder(space);
    search::Rejection rejection;
    plugin::CandidateView view;
    for (const MeasuredCell& cell : measured.cells) {
        search::Genome genome = space.parse_genome(cell.genome);
        const arch::Network* const network = decoder.decode(genome, rejection);
        if (network == nullptr) {
            ++result.cells_without_network;
            continue;
        }
        const arch::CanonicalHash hash = arch::canonical_hash(*network);
        const auto [at, is_new] = known.try_emplace(hash, result.networks.size());
        if (is_new) {
            view.set(0, network, nullptr);
            MeasuredNetwork& added = result.networks.emplace_back();
            added.hash = hash;
            added.key = table_lookup::network_key(*view.view().network);
            added.genome = genome;
            added.values.assign(measured.columns.size(), 0.0);
            if (!keys.insert(added.key).second) {
                throw std::runtime_error("two networks have the key " + table_lookup::key_text(added.key));
            }
        }
        MeasuredNetwork& of_cell = result.networks[at->second];
        ++of_cell.cells;
        for (std::size_t column = 0; column < cell.values.size(); ++column) {
            of_cell.values[column] += cell.values[column];
        }
        result.of_genome.emplace(std::move(genome), at->second);
    }
    for (MeasuredNetwork& network : result.networks) {
        for (double& value : network.values) {
            value /= static_cast<double>(network.cells);
        }
    }
    return result;
}

}  // namespace sotto::nasbench201
