// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/training/training_memory.hpp"

#include <algorithm>
#include <cstddef>

namespace sotto::accuracy {

std::int64_t training_bytes(const Graph& graph, const TrainingSettings& settings) {
    constexpr std::int64_t float_bytes = 4;
    std::int64_t maps = 0;
    std::int64_t working = 0;
    std::int64_t values = 0;
    for (std::size_t layer = 0; layer < graph.nodes().size(); ++layer) {
        const Node& node = graph.nodes()[layer];
        if (node.consumers == 0) {
            continue;
        }
        const std::int64_t map = elements(node.output);
        // Gradients of a map and of its operand, of which images have none, and what the kernel of a layer rearranges.
        working = std::max(working, node.kind == SOTTO_LAYER_INPUT ? 2 * map : 4 * map);
        // A normalisation put behind a convolution keeps its input too; a maximum the place it came from, in 64 bits.
        maps += node.kind == SOTTO_LAYER_CONVOLUTION && settings.normalize_convolutions ? 2 * map
                : node.kind == SOTTO_LAYER_MAX_POOL                                     ? 3 * map
                                                                                        : map;
        constexpr std::int64_t statistics = 4;  // scale, shift, mean and variance, or a bias
        values += graph.weight_count(layer) + statistics * node.output.channels;
    }
    // While a checkpoint is written: values, velocities and best values, the three in the checkpoint, and the three in
    // its bytes. While one is read: the three in bytes, in a text that has room for six, and the three taken out of it.
    // One more for what the heap keeps between blocks.
    constexpr std::int64_t copies = 3 + 3 + 3 + 1;
    return float_bytes * (settings.batch * (maps + working) + copies * values);
}

}  // namespace sotto::accuracy
