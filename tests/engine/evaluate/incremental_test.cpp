// SPDX-License-Identifier: Apache-2.0
// A search with a plug-in that goes on from candidates before: results are those of a plug-in that does not, whatever
// the threads, the order and what was evaluated before.
#include <algorithm>
#include <string>
#include <vector>

#include "engine/arch/network_builder.hpp"
#include "engine/evaluate/pipeline.hpp"
#include "engine/random/random.hpp"
#include "tests/engine/evaluate/fake_plugins.hpp"
#include "tests/engine/plugin/chained_plugin.hpp"
#include "tests/support/catch.hpp"

namespace sotto::evaluate {
namespace {

// Chains of convolutions and ReLUs that often begin alike; some are unsupported, some occur twice.
std::vector<arch::Network> chains(std::size_t count) {
    std::vector<arch::Network> all;
    for (std::uint32_t n = 0; n < count; ++n) {
        random::Stream stream(5, 0, n, random::Purpose::test);
        arch::NetworkBuilder builder;
        builder.reset("chain" + std::to_string(n));
        arch::Window window;
        window.kernel_height = window.kernel_width = 3;
        window.pad_top = window.pad_bottom = window.pad_left = window.pad_right = 1;
        arch::LayerIndex last = builder.add_input("input", {3, 8, 8});
        const std::uint64_t depth = 3 + stream.below(6);
        for (std::uint64_t i = 0; i < depth; ++i) {
            const int channels = stream.below(30) == 0 ? 13 : static_cast<int>(4 + stream.below(2));
            const std::string name = std::to_string(i);
            last = builder.add_convolution("conv" + name, last, channels, window);
            last = builder.add_activation("relu" + name, last, arch::Activation::relu);
        }
        all.push_back(builder.finish(builder.add_global_pool("pool", last, arch::LayerKind::global_average_pool)));
    }
    return all;
}

using Answers = std::vector<std::string>;

// What the plug-in said of each network, in batches of `size`.
Answers answers(const std::string& plugin, const std::vector<arch::Network>& all, std::size_t threads,
                std::size_t size) {
    plugin::Registry registry({});
    registry.add_built_in(sotto::test::chained_plugin_entry(), "chained");
    PipelineOptions options;
    options.threads = threads;
    options.cache_capacity = 16;
    options.stages.push_back({plugin::Kind::cost_model, plugin, {}, {}});
    Pipeline pipeline(registry, options);
    Answers result;
    for (std::size_t begin = 0; begin < all.size(); begin += size) {
        const std::vector<arch::Network> part(
            all.begin() + static_cast<std::ptrdiff_t>(begin),
            all.begin() + static_cast<std::ptrdiff_t>(std::min(begin + size, all.size())));
        for (const Evaluation& evaluation : pipeline.evaluate(part.size(), test::networks(part)).evaluations) {
            std::string text = evaluation.reason;
            for (const double metric : evaluation.metrics) {
                char number[40];
                std::snprintf(number, sizeof number, " %a", metric);
                text += number;
            }
            result.push_back(text);
        }
    }
    return result;
}

}  // namespace

TEST_CASE("a search with kept states finds what one without them finds") {
    const std::vector<arch::Network> all = chains(400);
    const Answers expected = answers("chained-cheap", all, 1, 400);
    CHECK(std::count_if(expected.begin(), expected.end(),
                        [](const std::string& text) { return text.find("unlucky") != std::string::npos; }) > 10);
    for (const char* const plugin : {"chained", "chained-per-instance"}) {
        for (const std::size_t threads : {1U, 4U}) {
            for (const std::size_t size : {400U, 37U}) {
                INFO(plugin << ", " << threads << " threads, batches of " << size);
                CHECK(answers(plugin, all, threads, size) == expected);
            }
        }
    }
    std::vector<arch::Network> reversed(all.rbegin(), all.rend());
    Answers found = answers("chained", reversed, 4, 100);
    std::reverse(found.begin(), found.end());
    CHECK(found == expected);
    CHECK(sotto::test::chained_states() == 0);
}

}  // namespace sotto::evaluate
