// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/check/random_candidate.hpp"

#include <string>
#include <utility>

#include "engine/arch/network_builder.hpp"
#include "engine/random/random.hpp"
#include "engine/secure/lowering.hpp"

namespace sotto::check {
namespace {

using arch::LayerIndex;
using arch::LayerKind;

class Drawer {
  public:
    explicit Drawer(random::Stream stream) : stream_(stream) { builder_.reset("random"); }

    arch::Network draw(std::int32_t largest_extent) {
        const auto extent = static_cast<std::int32_t>(4 + below(largest_extent - 3));
        LayerIndex at = builder_.add_input("input", {static_cast<std::int32_t>(1 + below(4)), extent, extent});
        const std::int32_t steps = below(12);
        for (std::int32_t step = 0; step < steps; ++step) {
            at = add_step(at);
        }
        if (below(4) != 0) {
            at = below(2) == 0 ? builder_.add_global_pool(name(), at, LayerKind::global_average_pool)
                               : builder_.add_flatten(name(), at);
            at = builder_.add_flatten(name(), at);
            at = builder_.add_fully_connected(name(), at, 1 + below(20), below(2) == 0);
        } else {
            at = convolution(at, 1 + below(16), 1, 1);
        }
        return builder_.finish(at);
    }

  private:
    std::int32_t below(std::int32_t bound) {
        return static_cast<std::int32_t>(stream_.below(static_cast<std::uint64_t>(bound)));
    }
    std::string name() { return "layer" + std::to_string(builder_.size()); }
    arch::Window window(LayerIndex at, std::int32_t kernel, std::int32_t stride) {
        return arch::same_padding({kernel, kernel, stride, stride, 0, 0, 0, 0}, builder_.shape(at));
    }
    LayerIndex convolution(LayerIndex at, std::int32_t channels, std::int32_t kernel, std::int32_t stride) {
        return builder_.add_convolution(name(), at, channels, window(at, kernel, stride), 1, below(2) == 0);
    }

    LayerIndex add_step(LayerIndex at) {
        const arch::Shape shape = builder_.shape(at);
        const bool is_large = shape.height > 3 && shape.width > 3;
        switch (below(9)) {
            case 0:
            case 1:
                return convolution(at, 1 + below(24), 1 + 2 * below(3), is_large ? 1 + below(2) : 1);
            case 2:
                return builder_.add_batch_normalization(name(), at, arch::BatchNormalizationForm::automatic,
                                                        below(2) == 0);
            case 3:
            case 4:
                return builder_.add_activation(name(), at, arch::Activation::relu);
            case 5:
                return builder_.add_activation(name(), at,
                                               below(2) == 0 ? arch::Activation::square : arch::Activation::identity);
            case 6:
                return is_large ? builder_.add_pool(name(), at,
                                                    below(2) == 0 ? LayerKind::max_pool : LayerKind::average_pool,
                                                    {2, 2, 2, 2, 0, 0, 0, 0})
                                : at;
            case 7: {
                const LayerIndex branches[] = {convolution(at, 1 + below(12), 1, 1),
                                               convolution(at, 1 + below(12), 3, 1)};
                return builder_.add_concat(name(), branches);
            }
            default: {
                const LayerIndex inner =
                    builder_.add_activation(name(), convolution(at, shape.channels, 3, 1), arch::Activation::relu);
                const LayerIndex operands[] = {convolution(inner, shape.channels, 1, 1), at};
                return builder_.add_add(name(), operands);
            }
        }
    }

    random::Stream stream_;
    arch::NetworkBuilder builder_;
};

std::unique_ptr<Candidate> lowered(arch::Network network, std::uint64_t seed) {
    auto candidate = std::make_unique<Candidate>();
    candidate->seed = seed;
    candidate->network = std::move(network);
    secure::Lowering lowering;
    if (lowering.lower(candidate->network, candidate->program)) {
        return nullptr;
    }
    candidate->view.set(seed, &candidate->network, &candidate->program);
    return candidate;
}

}  // namespace

std::unique_ptr<Candidate> random_candidate(std::uint64_t seed, std::int32_t largest_extent) {
    for (std::uint32_t attempt = 0;; ++attempt) {
        try {
            if (auto made = lowered(
                    Drawer(random::Stream(seed, attempt, 0, random::Purpose::test)).draw(largest_extent), seed)) {
                return made;
            }
        } catch (const arch::InvalidNetwork&) {
            continue;  // too large: the next draw
        }
    }
}

std::unique_ptr<Candidate> plain_candidate(std::uint64_t seed) {
    arch::NetworkBuilder builder;
    builder.reset("plain");
    const arch::Window three{3, 3, 1, 1, 1, 1, 1, 1};
    LayerIndex at = builder.add_input("input", {3, 8, 8});
    at = builder.add_convolution("conv1", at, 8, three);
    at = builder.add_batch_normalization("bn1", at);
    at = builder.add_activation("relu1", at, arch::Activation::relu);
    at = builder.add_pool("pool1", at, LayerKind::max_pool, {2, 2, 2, 2, 0, 0, 0, 0});
    at = builder.add_convolution("conv2", at, 16, three);
    at = builder.add_activation("relu2", at, arch::Activation::relu);
    at = builder.add_global_pool("pool2", at, LayerKind::global_average_pool);
    at = builder.add_flatten("flat", at);
    at = builder.add_fully_connected("classifier", at, 10);
    return lowered(builder.finish(at), seed);
}

std::unique_ptr<Candidate> long_candidate(std::uint32_t blocks) {
    arch::NetworkBuilder builder;
    builder.reset("long");
    LayerIndex at = builder.add_input("input", {2, 4, 4});
    for (std::uint32_t i = 0; i < blocks; ++i) {
        at = builder.add_convolution("conv" + std::to_string(i), at, 2, {});
        at = builder.add_activation("relu" + std::to_string(i), at, arch::Activation::relu);
    }
    return lowered(builder.finish(at), 1);
}

std::vector<std::unique_ptr<Candidate>> small_candidates(std::uint64_t seed, std::size_t count) {
    std::vector<std::unique_ptr<Candidate>> candidates;
    candidates.push_back(plain_candidate(seed));
    while (candidates.size() < count) {
        candidates.push_back(random_candidate(seed + candidates.size(), 12));
    }
    return candidates;
}

std::vector<const sotto_candidate*> views_of(const std::vector<std::unique_ptr<Candidate>>& candidates) {
    std::vector<const sotto_candidate*> views;
    for (const auto& candidate : candidates) {
        views.push_back(&candidate->view.view());
    }
    return views;
}

}  // namespace sotto::check
