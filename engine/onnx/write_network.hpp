// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "engine/arch/network.hpp"

namespace sotto::onnx {

/// Parameters of the largest network that one file can hold: 4 bytes each, in a file below 2 GiB.
inline constexpr std::int64_t maximum_written_parameters = 500'000'000;

/// The network as the bytes of an ONNX model (operator set 13) with weights to begin training with: those of
/// convolutions and fully connected layers are uniform with variance 2 / fan-in (He et al., "Delving deep into
/// rectifiers", 2015, equation 10), biases 0, normalisations the identity. They are drawn from a fixed seed: equal
/// networks give equal bytes, on every platform. The batch is symbolic; the input has the name of the input layer and
/// the output that of the last one.
///
/// Reading the bytes back gives a network of the same canonical hash, but for what ONNX has no word for: `form` and
/// `foldable` of a normalisation, and a `pad` by nothing.
///
/// Throws std::length_error for a network with more parameters than maximum_written_parameters. Thread-safe.
std::string to_onnx(const arch::Network& network);

}  // namespace sotto::onnx
