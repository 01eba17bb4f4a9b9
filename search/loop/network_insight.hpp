// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/plugin/instance.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/secure/secure_program.hpp"
#include "search/loop/run_configuration.hpp"
#include "search/space/space.hpp"
#include "search/space/workspace_pool.hpp"
#include "search/strategy/insight.hpp"

namespace sotto::search {

/// Ciphertexts of a convolution or fully connected layer under the coefficient packing of Cheetah with polynomials of
/// degree 4096 (Huang, Lu, Hong, Ding, "Cheetah: lean and fast secure two-party deep neural network inference", USENIX
/// Security 2022, section 3).
struct PackedCiphertexts {
    double in = 0;
    double out = 0;
    double products = 0;  ///< of a ciphertext and a plaintext polynomial
};
PackedCiphertexts packed_ciphertexts(const secure::Operation& operation);

/// What decoding and lowering tell of a genome, and what the run's cost model says of the operations.
class NetworkInsight final : public Insight {
  public:
    /// `cost_model` may be null: nothing is known of the operations' costs then. `metric`: which of its metrics counts.
    /// `on_fault` is told the text when the cost model fails to price the operations; what it prices no more is taken
    /// as not told. The space must outlive this object.
    NetworkInsight(const Space& space, std::string_view lowering_profile, std::unique_ptr<plugin::Instance> cost_model,
                   std::size_t metric, std::function<void(const std::string&)> on_fault);
    ~NetworkInsight() override;

    std::size_t feature_count() const override;
    bool describe(const Genome& genome, Description& description) override;
    void operation_costs(const Genome& genome, std::vector<double>& costs) override;

  private:
    // What one call works with; several may run at once.
    struct Workspace;

    const Space& space_;
    std::string lowering_profile_;
    WorkspacePool<Workspace> workspaces_;
    std::unique_ptr<plugin::Instance> cost_model_;
    std::size_t metric_;
    std::function<void(const std::string&)> on_fault_;
};

/// What a run's strategy is given. Operations are weighed by what the search wants to lower; by the cost model's first
/// metric where no objective is one of its own. Makes an instance of the cost model; throws as
/// plugin::Registry::create.
std::unique_ptr<NetworkInsight> make_network_insight(const RunConfiguration& configuration, plugin::Registry& registry,
                                                     std::function<void(const std::string&)> on_fault);

}  // namespace sotto::search
