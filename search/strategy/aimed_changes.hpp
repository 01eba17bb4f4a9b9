// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
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

/// A genome to start from, with what is known of it; filled in when first needed.
struct Origin {
    Genome genome;
    std::optional<Insight::Description> description;
    std::optional<std::vector<Change>> changes;
    std::optional<std::vector<double>> costs;
};

/// Finds changes by what they do. Remembers what each did wherever it was tried, and tries first what served before.
/// Deterministic; memory is bounded by the number of genes and alternatives. Not thread-safe.
class AimedChanges {
  public:
    /// Both must outlive this object.
    AimedChanges(const Variation& variation, Insight& insight) : variation_(variation), insight_(insight) {}

    struct Child {
        Genome genome;
        Insight::Description description;
    };

    /// A child that serves the aim, or nothing after some tries.
    std::optional<Child> find(Aim aim, Origin& origin, random::Stream& stream);

  private:
    std::optional<Child> try_change(Origin& origin, const Change& change, random::Stream& stream);
    std::optional<Child> find_costly(Origin& origin, random::Stream& stream);
    const Change* draw(Aim aim, const Origin& origin, random::Stream& stream);

    const Variation& variation_;
    Insight& insight_;
    std::unordered_map<std::uint64_t, std::uint8_t> seen_;  // aims that a change served, bit by bit
    std::vector<const Change*> known_;
    std::vector<const Change*> untried_;
};

}  // namespace sotto::search
