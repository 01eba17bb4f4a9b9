// SPDX-License-Identifier: Apache-2.0
#include "engine/arch/colour_refinement.hpp"

#include <algorithm>
#include <numeric>

namespace sotto::arch {
namespace {

constexpr std::uint64_t maximum_trial_work = std::uint64_t{1} << 22U;  // layers and edges visited; some 20 ms
constexpr std::uint64_t individual = 0x517cc1b727220a95;

// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): arithmetic alone, so the same on every platform.
std::uint64_t scramble(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111eb;
    return value ^ (value >> 31U);
}

std::uint64_t combine(std::uint64_t first, std::uint64_t second) {
    return scramble(scramble(first + 0x9e3779b97f4a7c15) + second);
}

// Only the operands of concat are a sequence; every other kind has one operand or a multiset.
std::uint32_t edge_label(LayerKind reader, std::size_t position, bool to_reader) {
    const std::size_t place = reader == LayerKind::concat ? position : 0;
    return static_cast<std::uint32_t>(2 * place + (to_reader ? 1 : 0));
}

}  // namespace

std::span<const std::uint64_t> ColourRefinement::distinct_colours(const Network& network,
                                                                  std::span<const CanonicalHash> digests) {
    work_ = 0;
    trace_ = 0;
    build_edges(network);
    build_cells(digests);
    refine();
    for (;;) {
        open_cells_.clear();
        for (std::uint32_t cell = 0; cell < cells_.size(); ++cell) {
            if (cells_[cell].size > 1) {
                open_cells_.push_back(cell);
            }
        }
        if (open_cells_.empty()) {
            break;
        }
        std::sort(open_cells_.begin(), open_cells_.end(), [this](std::uint32_t first, std::uint32_t second) {
            return cells_[first].colour < cells_[second].colour;
        });
        for (const std::uint32_t cell : open_cells_) {
            resolve(cell);
        }
    }
    colours_.resize(network.size());
    for (LayerIndex layer = 0; layer < network.size(); ++layer) {
        colours_[layer] = cells_[cell_of_[layer]].colour;
    }
    return colours_;
}

void ColourRefinement::build_edges(const Network& network) {
    const std::size_t size = network.size();
    edge_begin_.assign(size + 1, 0);
    for (LayerIndex layer = 0; layer < size; ++layer) {
        for (const LayerIndex operand : network.operands(layer)) {
            ++edge_begin_[layer + 1];
            ++edge_begin_[operand + 1];
        }
    }
    std::partial_sum(edge_begin_.begin(), edge_begin_.end(), edge_begin_.begin());
    edges_.resize(edge_begin_[size]);
    edge_end_.assign(edge_begin_.begin(), edge_begin_.end() - 1);
    for (LayerIndex layer = 0; layer < size; ++layer) {
        const std::span<const LayerIndex> operands = network.operands(layer);
        for (std::size_t position = 0; position < operands.size(); ++position) {
            const LayerIndex operand = operands[position];
            const LayerKind kind = network.layer(layer).kind;
            edges_[edge_end_[layer]++] = {operand, edge_label(kind, position, false)};
            edges_[edge_end_[operand]++] = {layer, edge_label(kind, position, true)};
        }
    }
}

void ColourRefinement::build_cells(std::span<const CanonicalHash> digests) {
    const std::size_t size = digests.size();
    cell_of_.resize(size);
    cells_.clear();
    signature_.resize(size);
    is_touched_.assign(size, 0);
    changed_.resize(size);
    std::iota(changed_.begin(), changed_.end(), LayerIndex{0});
    std::sort(changed_.begin(), changed_.end(),
              [digests](LayerIndex first, LayerIndex second) { return digests[first] < digests[second]; });
    for (std::size_t i = 0; i < size; ++i) {
        const CanonicalHash& digest = digests[changed_[i]];
        if (i == 0 || digest != digests[changed_[i - 1]]) {
            cells_.push_back({combine(digest.high, digest.low), 0});
        }
        ++cells_.back().size;
        cell_of_[changed_[i]] = static_cast<std::uint32_t>(cells_.size() - 1);
    }
}

// Splits cells until all members of each have equal neighbours. Rounds are synchronous and colours depend on colours
// alone, so the result does not depend on the order of the layers. A cell's part that saw no change keeps its colour:
// its neighbours know of it by the part that changed.
void ColourRefinement::refine() {
    while (!changed_.empty()) {
        touched_.clear();
        for (const LayerIndex layer : changed_) {
            const std::uint64_t colour = cells_[cell_of_[layer]].colour;
            work_ += edge_begin_[layer + 1] - edge_begin_[layer];
            for (std::uint32_t i = edge_begin_[layer]; i < edge_begin_[layer + 1]; ++i) {
                const Edge& edge = edges_[i];
                if (cells_[cell_of_[edge.layer]].size == 1) {
                    continue;
                }
                if (is_touched_[edge.layer] == 0) {
                    is_touched_[edge.layer] = 1;
                    signature_[edge.layer] = 0;
                    touched_.push_back(edge.layer);
                }
                signature_[edge.layer] += combine(colour, edge.label);
            }
        }
        changed_.clear();
        std::sort(touched_.begin(), touched_.end(), [this](LayerIndex first, LayerIndex second) {
            return cell_of_[first] != cell_of_[second] ? cell_of_[first] < cell_of_[second]
                                                       : signature_[first] < signature_[second];
        });
        for (std::size_t begin = 0; begin < touched_.size();) {
            const std::uint32_t cell = cell_of_[touched_[begin]];
            std::size_t end = begin;
            while (end < touched_.size() && cell_of_[touched_[end]] == cell) {
                is_touched_[touched_[end]] = 0;
                ++end;
            }
            split(cell, std::span(touched_).subspan(begin, end - begin));
            begin = end;
        }
    }
}

// `touched`: members of the cell that saw a change, by signature.
void ColourRefinement::split(std::uint32_t cell, std::span<const LayerIndex> touched) {
    const std::uint64_t old_colour = cells_[cell].colour;
    if (touched.size() == cells_[cell].size && signature_[touched.front()] == signature_[touched.back()]) {
        trace_ += combine(old_colour, signature_[touched.front()]);
        return;
    }
    for (std::size_t i = 0; i < touched.size(); ++i) {
        const std::uint64_t signature = signature_[touched[i]];
        if (i == 0 || signature != signature_[touched[i - 1]]) {
            cells_.push_back({combine(old_colour, signature), 0});
        }
        ++cells_.back().size;
        --cells_[cell].size;
        cell_of_[touched[i]] = static_cast<std::uint32_t>(cells_.size() - 1);
        changed_.push_back(touched[i]);
    }
}

void ColourRefinement::individualise(LayerIndex layer) {
    Cell& old = cells_[cell_of_[layer]];
    --old.size;
    const std::uint64_t colour = combine(old.colour, individual + old.size);
    cell_of_[layer] = static_cast<std::uint32_t>(cells_.size());
    cells_.push_back({colour, 1});
    changed_.assign(1, layer);
    refine();
}

// Individualises members of the cell until it holds no two.
void ColourRefinement::resolve(std::uint32_t cell) {
    members_.clear();
    if (cells_[cell].size < 2) {
        return;
    }
    for (LayerIndex layer = 0; layer < cell_of_.size(); ++layer) {
        if (cell_of_[layer] == cell) {
            members_.push_back(layer);
        }
    }
    while (cells_[cell].size > 1) {
        std::erase_if(members_, [this, cell](LayerIndex layer) { return cell_of_[layer] != cell; });
        individualise(choose(members_));
    }
}

LayerIndex ColourRefinement::choose(std::span<const LayerIndex> members) {
    LayerIndex best = members.front();
    if (work_ > maximum_trial_work) {
        return best;
    }
    std::uint64_t least = 0;
    saved_cell_of_ = cell_of_;
    saved_cells_ = cells_;
    const std::uint64_t saved_trace = trace_;
    for (const LayerIndex member : members) {
        individualise(member);
        const std::uint64_t found = outcome();
        if (member == members.front() || found < least) {
            least = found;
            best = member;
        }
        std::copy(saved_cell_of_.begin(), saved_cell_of_.end(), cell_of_.begin());
        cells_.resize(saved_cells_.size(), Cell{});
        std::copy(saved_cells_.begin(), saved_cells_.end(), cells_.begin());
        trace_ = saved_trace;
        work_ += cell_of_.size();
    }
    return best;
}

std::uint64_t ColourRefinement::outcome() const {
    std::uint64_t sum = trace_;
    for (const Cell& cell : cells_) {
        sum += cell.size == 0 ? 0 : combine(cell.colour, cell.size);
    }
    return sum;
}

}  // namespace sotto::arch
