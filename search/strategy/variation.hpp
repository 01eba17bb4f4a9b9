// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/random/random.hpp"
#include "search/space/genome.hpp"

namespace sotto::search {

/// Thrown by a Variation that found no valid genome within its bounded number of tries: says which constraint or shape
/// refused most.
class NoValidGenome : public std::runtime_error {
  public:
    explicit NoValidGenome(const std::string& reason) : std::runtime_error(reason) {}
};

/// The smallest step from one genome to another: an active gene takes another alternative, or an iteration of a
/// repeated part is taken out or doubled, those behind it keeping their own choices.
struct Change {
    enum class Kind : std::uint8_t { set_gene, remove_iteration, double_iteration };

    Kind kind = Kind::set_gene;
    std::uint32_t where = 0;  ///< gene; else which repeated part
    std::int32_t value = 0;   ///< alternative; else which iteration

    friend bool operator==(const Change&, const Change&) = default;
};

/// What a strategy needs of a search space. Every genome returned is valid, but where it says otherwise: it decodes to
/// a network that keeps the space's constraints. Implementations are thread-safe (const, the only state is the stream
/// given).
class Variation {
  public:
    virtual ~Variation() = default;

    /// How many alternatives each gene has.
    virtual std::vector<std::uint32_t> levels() const = 0;
    virtual Genome sample(random::Stream& stream) const = 0;
    /// Differs from `parent` in at least one active gene.
    virtual Genome mutate(const Genome& parent, random::Stream& stream) const = 0;
    /// Every change of `parent`, in a fixed order. Some may give no valid genome.
    virtual std::vector<Change> changes(const Genome& parent) const = 0;
    /// `parent` with one of its changes; genes that become active by it are drawn. Nothing where that is no valid
    /// genome, or the parent itself.
    virtual std::optional<Genome> apply(const Genome& parent, const Change& change, random::Stream& stream) const = 0;
    /// The same with the same draws, but the child may decode to no network: for callers who decode it anyway.
    virtual std::optional<Genome> apply_unchecked(const Genome& parent, const Change& change,
                                                  random::Stream& stream) const {
        return apply(parent, change, stream);
    }
    virtual Genome crossover(const Genome& first, const Genome& second, random::Stream& stream) const = 0;
};

}  // namespace sotto::search
