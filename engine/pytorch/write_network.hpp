// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/arch/network.hpp"

namespace sotto::pytorch {

/// The network as the text of a Python module that needs PyTorch alone (1.13 or later) and runs nothing when it is
/// imported: `Network`, a torch.nn.Module made without arguments, and `INPUT_SHAPE` (channels, height, width). Run as a
/// program it makes the network and prints the shape of its output and the number of its parameters.
///
/// forward takes images [batch, channels, height, width] and gives what the network's last layer does: [batch,
/// channels, height, width], or [batch, channels] where height and width are 1. Every layer but the input, add and
/// concat is a submodule, in the order of the network, called after the layer (attribute_names in identifiers.hpp).
/// PyTorch cannot pad every window: where it cannot, a submodule NAME_pad stands before the layer. Max pools never take
/// the padding for the largest element; average pools divide by the whole window, as engine/onnx/write_network.hpp.
///
/// Parameters are PyTorch's own to begin training with; there are as many as arch::count says. Batch normalisation has
/// PyTorch's epsilon (1e-5) and momentum (0.1). `form` and `foldable` of a normalisation, which change no value, are
/// left out.
///
/// ASCII, LF line ends; the same network gives the same bytes. Names of the network and its layers may be any bytes:
/// they get into the text as identifiers and as escaped characters only. Thread-safe.
std::string to_pytorch(const arch::Network& network);

}  // namespace sotto::pytorch
