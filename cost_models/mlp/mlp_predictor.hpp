// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cost_models/learned/dense_layers.hpp"
#include "cost_models/learned/known_operations.hpp"
#include "cost_models/learned/network_inputs.hpp"
#include "cost_models/learned/operation_cache.hpp"
#include "cost_models/learned/predictor.hpp"
#include "cost_models/learned/reach.hpp"
#include "cost_models/model_file/model_file.hpp"
#include "cost_models/protocol/workspaces.hpp"

namespace sotto::mlp {

/// How the networks of one layer type are built.
struct Architecture {
    std::vector<std::size_t> hidden;  ///< neurons of each hidden layer, rectified; 1 to 5 layers of 1 to 640
    friend bool operator==(const Architecture&, const Architecture&) = default;
};

/// Networks of one layer type: for each role several members, whose corrected times are averaged.
struct TypeNetworks {
    learned::Reach reach;
    /// [role][member][layer]; the last layer has one output.
    std::array<std::vector<std::vector<learned::DenseLayer>>, training::role_count> members;
};

/// Largest correction: a factor of exp(0.8), 2.2, either way.
inline constexpr double correction_limit = 0.8;

/// One multilayer perceptron per (layer type, role) that corrects the physical own time of an operation; no state but
/// that of the pools and the lag, which make the waits.
class MlpPredictor : public learned::Predictor {
  public:
    /// networks: by layer type; empty members where the type was not measured.
    MlpPredictor(const protocol::EngineProfile& profile, const learned::PhysicalTimes& physical,
                 double network_deviation, std::array<TypeNetworks, learned::layer_type_count> networks);
    ~MlpPredictor() override;

    const std::array<TypeNetworks, learned::layer_type_count>& networks() const noexcept { return networks_; }

    /// One forward pass for each layer type over all operations that are not known yet.
    void totals(std::span<const sotto_program* const> programs, std::span<learned::Outcome> outcomes,
                const std::function<void()>& interrupt) const override;

    /// Own times of an operation of a type that was measured.
    learned::BothRoles corrected(const learned::OwnWorkload& work) const;

  protected:
    learned::BothRoles own_ms(const sotto_operation& operation, const learned::Workload& work,
                              learned::Cursor& cursor) const override;

  private:
    // One call's own.
    struct Workspace;

    void correct(std::span<const learned::OwnWorkload* const> works, std::span<learned::BothRoles* const> own_ms) const;
    void learn(Workspace& space, const std::function<void()>& interrupt) const;

    std::array<TypeNetworks, learned::layer_type_count> networks_;
    mutable learned::OperationCache<learned::BothRoles> cache_;  // of all calls
    mutable protocol::Workspaces<Workspace> workspaces_;
};

/// Fills in model, model_version, roles, features, parameters, tensors and engine.parameters.
void write(const MlpPredictor& predictor, model_file::ModelFile& file);
/// Throws input::InputError of `name` for a file that write did not make.
std::shared_ptr<const MlpPredictor> read(const model_file::ModelFile& file, const std::string& name);

}  // namespace sotto::mlp
