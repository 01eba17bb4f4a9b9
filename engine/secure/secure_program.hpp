// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/arch/network.hpp"

namespace sotto::secure {

// The numbers cross the plug-in border (sotto/plugin.h): append, never renumber.
enum class OperationKind : std::uint8_t {
    convolution = 1,
    relu = 2,
    max_pool = 3,
    average_pool = 4,
    batch_normalization = 5,
    truncation = 6,
    fully_connected = 7,
    multiply = 8,  ///< elementwise product of two secret-shared tensors (square)
    argmax = 9,
};

/// conv, relu, maxpool, avgpool, bn, trunc, fc, mul, argmax: the names of the measurement table.
std::string_view to_text(OperationKind kind);

/// How a batch normalisation runs; `none` for every other operation.
enum class BatchNormalizationKind : std::uint8_t { none = 0, homomorphic = 1, elementwise = 2 };

/// Empty for none, homomorphic, elementwise.
std::string_view to_text(BatchNormalizationKind kind);

/// One protocol operation, with the parameters that fix its cost. Sizes are those before the operation's own padding;
/// an operation without spatial sizes (relu, truncation) still carries its input and output shape, and
/// `elements`.
struct Operation {
    OperationKind kind = OperationKind::convolution;
    BatchNormalizationKind normalization = BatchNormalizationKind::none;
    bool truncates = false;  ///< relu: rescales its result as well
    arch::Shape input;
    arch::Shape output;
    arch::Window window;         ///< convolution, pools
    std::int64_t elements = 0;   ///< of the output
    arch::LayerIndex layer = 0;  ///< the layer of the network it comes from

    friend bool operator==(const Operation&, const Operation&) = default;
};

/// What the secure engine executes for one image, in execution order. Plain data.
struct SecureProgram {
    std::vector<Operation> operations;
};

/// The measurement table (docs/secure_programs.md) without times: header and one line per operation, `network` and
/// `run` 1 in front.
std::string to_csv(const SecureProgram& program, std::string_view network_name);

}  // namespace sotto::secure
