// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/network.hpp"

namespace sotto::arch {

/// Tells layers apart that look equal from the input: two equal convolutions over one operand differ when their readers
/// do. Colour refinement in both directions (operands and readers, with the operand position of concat), then
/// individualisation of one layer at a time of what is still tied (McKay and Piperno, "Practical graph isomorphism,
/// II", 2014), where every member of the tied class is tried and one with the least outcome taken.
///
/// The colours are a function of the graph alone as long as tied layers with equal outcomes are symmetric, and the
/// trial stays within a fixed amount of work (some hundred thousand layers). Both hold but for graphs made to break
/// them; the colours of such a graph may depend on the order of its layers, they still tell all layers apart.
///
/// Reusable scratch space; one per thread.
class ColourRefinement {
  public:
    /// One colour per layer, no two equal. `digests` holds a digest of each layer's parameters and of all it is
    /// computed from. Valid until the next call.
    std::span<const std::uint64_t> distinct_colours(const Network& network, std::span<const CanonicalHash> digests);

  private:
    struct Edge {
        LayerIndex layer;
        std::uint32_t label;  // direction and operand position
    };
    struct Cell {
        std::uint64_t colour;
        std::uint32_t size;
    };

    void build_edges(const Network& network);
    void build_cells(std::span<const CanonicalHash> digests);
    void refine();
    void split(std::uint32_t cell, std::span<const LayerIndex> touched);
    void individualise(LayerIndex layer);
    void resolve(std::uint32_t cell);
    LayerIndex choose(std::span<const LayerIndex> members);
    std::uint64_t outcome() const;

    std::vector<std::uint32_t> edge_begin_;
    std::vector<Edge> edges_;
    std::vector<std::uint32_t> edge_end_;

    std::vector<std::uint32_t> cell_of_;
    std::vector<Cell> cells_;
    std::uint64_t trace_ = 0;  // what refinement saw where it split nothing

    std::vector<LayerIndex> changed_;
    std::vector<LayerIndex> touched_;
    std::vector<std::uint64_t> signature_;
    std::vector<std::uint8_t> is_touched_;

    std::vector<LayerIndex> members_;
    std::vector<std::uint32_t> open_cells_;
    std::vector<std::uint32_t> saved_cell_of_;
    std::vector<Cell> saved_cells_;
    std::vector<std::uint64_t> colours_;
    std::uint64_t work_ = 0;
};

}  // namespace sotto::arch
