// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "sotto/plugin.h"

namespace sotto::check {

/// Of an operation or a layer: one that the ABI does not have.
inline constexpr std::int32_t unknown_kind = 9999;

/// A copy of a candidate that can be edited into one no Network has, or laid out as a newer host would. Stays where it
/// is made.
class FlatCandidate {
  public:
    /// `added` bytes, a multiple of 8 and full of noise, follow every layer and operation.
    explicit FlatCandidate(const sotto_candidate& from, std::size_t added = 0) : candidate(from) {
        if (from.network != nullptr) {
            network = *from.network;
            network.layer_stride = static_cast<std::uint32_t>(sizeof(sotto_layer) + added);
            copy(layer_bytes_, network.layer_count, network.layer_stride,
                 [&](std::uint32_t i) { return *sotto_layer_at(from.network, i); });
            network.layers = reinterpret_cast<const sotto_layer*>(layer_bytes_.data());
            candidate.network = &network;
        }
        if (from.program != nullptr) {
            program = *from.program;
            program.operation_stride = static_cast<std::uint32_t>(sizeof(sotto_operation) + added);
            copy(operation_bytes_, program.operation_count, program.operation_stride,
                 [&](std::uint32_t i) { return *sotto_operation_at(from.program, i); });
            program.operations = reinterpret_cast<const sotto_operation*>(operation_bytes_.data());
            candidate.program = &program;
        }
    }
    FlatCandidate(const FlatCandidate&) = delete;
    FlatCandidate& operator=(const FlatCandidate&) = delete;

    sotto_layer& layer(std::uint32_t index) { return const_cast<sotto_layer&>(*sotto_layer_at(&network, index)); }
    sotto_operation& operation(std::uint32_t index) {
        return const_cast<sotto_operation&>(*sotto_operation_at(&program, index));
    }
    /// Replaces the program.
    void set_operations(const std::vector<sotto_operation>& operations) {
        program = {sizeof(sotto_program), sizeof(sotto_operation), static_cast<std::uint32_t>(operations.size()), 0,
                   nullptr};
        copy(operation_bytes_, program.operation_count, program.operation_stride,
             [&](std::uint32_t i) { return operations[i]; });
        program.operations =
            operations.empty() ? nullptr : reinterpret_cast<const sotto_operation*>(operation_bytes_.data());
        candidate.program = &program;
    }

    sotto_candidate candidate;
    sotto_network network{};
    sotto_program program{};

  private:
    template <typename At>
    static void copy(std::vector<std::uint64_t>& bytes, std::uint32_t count, std::size_t stride, At&& at) {
        constexpr std::uint64_t noise = 0xa5a5'a5a5'a5a5'a5a5U;
        bytes.assign(count * stride / sizeof(std::uint64_t) + 1, noise);
        for (std::uint32_t i = 0; i < count; ++i) {
            auto value = at(i);
            value.struct_size = static_cast<std::uint32_t>(stride);
            std::memcpy(reinterpret_cast<unsigned char*>(bytes.data()) + stride * i, &value, sizeof value);
        }
    }

    std::vector<std::uint64_t> layer_bytes_;
    std::vector<std::uint64_t> operation_bytes_;
};

static_assert(sizeof(sotto_layer) % sizeof(std::uint64_t) == 0 && sizeof(sotto_operation) % sizeof(std::uint64_t) == 0);

}  // namespace sotto::check
