// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/arch/network.hpp"
#include "engine/secure/secure_program.hpp"

namespace sotto::secure {

/// How networks become programs: one named, documented profile per compiler and engine whose behaviour is known.
struct LoweringProfile {
    std::string_view name;
    std::string_view description;
};

/// The known profiles; the first is the default, `athos-cheetah`.
std::span<const LoweringProfile> lowering_profiles();

/// A layer that the profile cannot express: an answer, not a failure.
struct Unsupported {
    std::string layer;   ///< name of the layer
    std::string reason;  ///< `depthwise convolution (64 groups)`, `stride 2x1 is not square`
};

/// Lowers networks under one profile. Reusable: scratch space is kept, so that lowering the thousandth candidate does
/// not allocate. One instance per thread.
class Lowering {
  public:
    /// Throws std::invalid_argument, listing the known names, for an unknown profile.
    explicit Lowering(std::string_view profile_name = "athos-cheetah");

    /// Overwrites `program`. Returns nothing where the whole network could be lowered, else the first layer (in
    /// execution order) that could not; `program` is then empty. `order` is arch::canonical_order(network).
    std::optional<Unsupported> lower(const arch::Network& network, std::span<const arch::LayerIndex> order,
                                     SecureProgram& program);

    /// The same, computing the order.
    std::optional<Unsupported> lower(const arch::Network& network, SecureProgram& program);

  private:
    struct LayerState {
        std::uint32_t consumers = 0;
        std::uint8_t scale = 1;  // 1: single fixed-point scale, 2: product scale, waiting for a truncation
        bool folded = false;
        arch::LayerIndex stands_for = 0;  // the layer whose value this one's output is
    };
    std::vector<LayerState> states_;
    std::vector<arch::LayerIndex> order_;
};

}  // namespace sotto::secure
