// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sotto/plugin.h"

#include "engine/arch/network.hpp"
#include "engine/evaluate/pipeline.hpp"
#include "engine/plugin/registry.hpp"

namespace sotto::evaluate::test {

/// A plug-in that a test defines in place. It enters through the C entry, as any other does.
struct FakePlugin {
    FakePlugin(std::string name, double cost_us)
        : id(std::move(name)), typical_cost_us(cost_us), metric(id + ".value") {}

    std::string id;
    double typical_cost_us;
    std::string metric;
    plugin::Kind kind = plugin::Kind::cost_model;
    plugin::ThreadLevel thread_level = plugin::ThreadLevel::shared;
    bool needs_program = false;
    /// Scores one candidate: the metric's value, or a status other than SOTTO_OK and its text.
    std::function<sotto_status(const sotto_candidate& candidate, double& value, std::string& text)> score =
        [](const sotto_candidate& candidate, double& value, std::string&) {
            value = static_cast<double>(candidate.network->layer_count);
            return SOTTO_OK;
        };
    /// Called around the scoring of a batch.
    std::function<void(const void* instance)> begin_call;
    std::function<void(const void* instance)> end_call;

    std::atomic<int> scored{0};
    std::atomic<int> calls{0};
    std::atomic<int> instances{0};
    std::atomic<std::size_t> largest_call{0};
};

/// Plug-ins under one registry. One Fakes at a time.
class Fakes {
  public:
    Fakes();
    ~Fakes();

    FakePlugin& add(const std::string& id, double typical_cost_us);

    /// The registry with everything added so far. `is_cancelled` is what plug-ins and pipeline are told.
    plugin::Registry& registry();

    /// Every plug-in as a stage, in the order added.
    PipelineOptions options() const;

    std::atomic<bool> cancel{false};

  private:
    std::deque<FakePlugin> plugins_;
    std::unique_ptr<plugin::Registry> registry_;
};

/// 3x8x8 -> 3x3 convolution to `channels`, ReLU, global average pool. Different for different `channels`.
/// Parameters: 28 * channels (27 weights and a bias each); multiply-adds: 27 * 64 * channels; ReLUs: 64 * channels.
arch::Network small_network(int channels, const std::string& name = "net");

/// A depthwise convolution, which the profile athos-cheetah cannot express.
arch::Network depthwise_network();

/// A source over a list of networks.
Source networks(const std::vector<arch::Network>& list);

/// Networks small_network(channels[0]), ...
std::vector<arch::Network> small_networks(const std::vector<int>& channels);

}  // namespace sotto::evaluate::test
