// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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
    static constexpr std::uint8_t single_scale = 1;
    static constexpr std::uint8_t product_scale = 2;  // waiting for a truncation
    static constexpr arch::LayerIndex none = ~arch::LayerIndex{0};

    struct LayerState {
        std::uint32_t readers = 0;          // operands that this layer is
        arch::LayerIndex reader = 0;        // the last of them
        arch::LayerIndex stands_for = 0;    // the layer whose value this one's output is
        arch::LayerIndex late_relu = none;  // a ReLU still to be executed on this layer's output
        std::uint8_t scale = single_scale;  // of this layer's own value
        bool is_folded = false;             // batch normalisation that is part of the operation before it
    };
    void prepare(const arch::Network& network);
    std::string lower_layer(arch::LayerIndex index);
    std::string lower_convolution(arch::LayerIndex index);
    std::string lower_pool(arch::LayerIndex index);
    void lower_batch_normalization(arch::LayerIndex index);
    void lower_activation(arch::LayerIndex index);
    void lower_add(arch::LayerIndex index);
    void lower_concat(arch::LayerIndex index);

    arch::LayerIndex operand(arch::LayerIndex index) const { return network_->operands(index)[0]; }
    bool is_identity(arch::LayerIndex index) const;
    bool feeds_only_a_max_pool(arch::LayerIndex index) const;
    bool folds(arch::LayerIndex index) const;
    std::uint8_t& scale_of(arch::LayerIndex index) { return states_[states_[index].stands_for].scale; }
    void pass_on(arch::LayerIndex index);
    void need_single_scale(arch::LayerIndex index);
    Operation& emit(OperationKind kind, arch::LayerIndex index, const arch::Shape& input, const arch::Shape& output);
    void emit_relu(arch::LayerIndex index, arch::LayerIndex value);

    const arch::Network* network_ = nullptr;
    SecureProgram* program_ = nullptr;
    std::vector<LayerState> states_;
    std::vector<arch::LayerIndex> order_;
};

}  // namespace sotto::secure
