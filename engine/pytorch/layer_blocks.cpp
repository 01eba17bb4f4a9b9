// SPDX-License-Identifier: Apache-2.0
#include "engine/pytorch/layer_blocks.hpp"

namespace sotto::pytorch {
namespace {

using arch::LayerIndex;

class Cutter {
  public:
    Cutter(const arch::Network& network, std::size_t largest) : network_(network), largest_(largest) {}

    // Layers whose names all begin with `path`.
    void cut(LayerIndex begin, LayerIndex end, std::string_view path) {
        while (begin < end) {
            const std::string_view longer = path_of(begin, path.size());
            LayerIndex same = begin + 1;
            while (same < end && path_of(same, path.size()) == longer) {
                ++same;
            }
            if (longer.size() > path.size() && same - begin > largest_) {
                cut(begin, same, longer);
            } else {
                blocks_.push_back({begin, same, longer});
            }
            begin = same;
        }
    }

    std::vector<LayerBlock> take() { return std::move(blocks_); }

  private:
    // Up to the first `/` from `from` on; without one, the part before.
    std::string_view path_of(LayerIndex index, std::size_t from) const {
        const std::string_view name = network_.layer_name(index);
        const std::size_t slash = name.find('/', from);
        return name.substr(0, slash == std::string_view::npos ? from : slash + 1);
    }

    const arch::Network& network_;
    std::size_t largest_;
    std::vector<LayerBlock> blocks_;
};

}  // namespace

std::vector<LayerBlock> layer_blocks(const arch::Network& network, std::size_t largest) {
    Cutter cutter(network, largest);
    cutter.cut(1, static_cast<LayerIndex>(network.size()), {});
    return cutter.take();
}

}  // namespace sotto::pytorch
