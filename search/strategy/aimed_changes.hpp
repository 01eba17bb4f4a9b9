// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "search/strategy/insight.hpp"
#include "search/strategy/variation.hpp"

namespace sotto::search {

/// What a change is meant to do to the secure program.
enum class Aim : std::uint8_t {
    costly_operation,        ///< touch the operations that take most of the latency
    remove_relu,             ///< fewer ReLUs, or thinner ones: more of them go than of the multiply-adds
    relu_to_square,          ///< a ReLU becomes an elementwise product
    max_to_average_pool,     ///< a pool needs no comparisons
    pool_before_activation,  ///< the activation sees what is left of its elements
    move_downsampling,       ///< the same linear operations on images of another size
    snap_channels,           ///< channels that cost no further ciphertext, or as few fewer as save one
    split_or_merge,          ///< a module more or less
};

inline constexpr std::array<std::string_view, 8> aim_names{
    "costly_operation",       "remove_relu",       "relu_to_square", "max_to_average_pool",
    "pool_before_activation", "move_downsampling", "snap_channels",  "split_or_merge"};

/// Whether a change of which the workload is known serves the aim; not for costly_operation, which is a matter of
/// degree.
bool serves(Aim aim, const Change& change, const Workload& before, const Workload& after);

/// A genome to start from, with what is known of it; the rest is filled in when it is needed.
struct Origin {
    Genome genome;
    std::optional<Insight::Description> description = {};
    std::optional<std::vector<Change>> changes = {};
    /// For each of the changes: the aims that it served where it was tried last, bit by bit; negative: never tried.
    std::vector<std::int16_t> served = {};
    std::optional<std::vector<double>> costs = {};
};

/// Finds changes by what they do. Remembers what each did wherever it was tried, and tries first what served before.
/// Searches may run at once: they go by what was remembered before, and what they tried is remembered afterwards, in an
/// order that the caller fixes. Memory is bounded by the number of genes and alternatives.
class AimedChanges {
  public:
    /// Both must outlive this object.
    AimedChanges(const Variation& variation, Insight& insight) : variation_(variation), insight_(insight) {}

    struct Child {
        Genome genome;
        Insight::Description description;
    };

    /// The aims that a change served, bit by bit.
    struct Trial {
        std::uint64_t change = 0;
        std::uint8_t served = 0;
    };

    /// Fills in all of an origin but what its operations cost. Several origins at once.
    void prepare(Origin& origin) const;

    /// Fills in what the operations cost, which Aim::costly_operation needs. One call at a time.
    void price(Origin& origin) const;

    /// A child of a prepared origin that serves the aim, or nothing after some tries; `trials` is added to. Several
    /// calls at once.
    std::optional<Child> find(Aim aim, const Origin& origin, random::Stream& stream, std::vector<Trial>& trials) const;

    /// prepare() goes by it from now on.
    void remember(std::span<const Trial> trials);

  private:
    std::optional<Child> try_change(const Origin& origin, const Change& change, random::Stream& stream,
                                    std::vector<Trial>& trials) const;
    std::optional<Child> find_costly(const Origin& origin, random::Stream& stream, std::vector<Trial>& trials) const;

    const Variation& variation_;
    Insight& insight_;
    std::unordered_map<std::uint64_t, std::uint8_t> served_;  // by change
};

}  // namespace sotto::search
