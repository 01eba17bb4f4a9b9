// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cost_models/learned/dense_layers.hpp"
#include "cost_models/learned/network_inputs.hpp"
#include "cost_models/learned/operation_cache.hpp"
#include "cost_models/learned/predictor.hpp"
#include "cost_models/learned/reach.hpp"
#include "cost_models/model_file/model_file.hpp"
#include "cost_models/protocol/workspaces.hpp"

namespace sotto::lstm {

inline constexpr std::size_t input_count = learned::operation_input_count + learned::place_input_count;

struct Architecture {
    std::size_t embedding = 32;             ///< rectified neurons before the recurrent layer
    std::size_t hidden = 24;                ///< of the recurrent layer
    std::vector<std::size_t> dense = {32};  ///< rectified layers after it, 1 to 20
    friend bool operator==(const Architecture&, const Architecture&) = default;
};

/// One network: embedding -> LSTM (Hochreiter and Schmidhuber, "Long short-term memory", 1997, with forget gates) ->
/// dense layers over (hidden state, embedding) -> two outputs, client and server.
struct Member {
    learned::DenseLayer embedding;
    learned::DenseLayer gates_of_input;      ///< embedding -> input, forget, cell and output gate, one after the other
    learned::DenseLayer gates_of_hidden;     ///< hidden -> the same; its bias is 0
    std::vector<learned::DenseLayer> dense;  ///< the last one has the two outputs
};

/// Largest correction: a factor of exp(0.6), 1.8, either way.
inline constexpr double correction_limit = 0.6;

/// A recurrent network over the operations of a program. Its outputs correct the physical own times of both roles at
/// each operation; the network's time is the sum.
class LstmPredictor : public learned::Predictor {
  public:
    /// sees_pool: false for the ablation, in which neither the network nor the waits know where the pools stand.
    LstmPredictor(const protocol::EngineProfile& profile, const learned::PhysicalTimes& physical,
                  double network_deviation, const Architecture& architecture, bool sees_pool, learned::InputScale scale,
                  std::vector<Member> members, std::array<learned::Reach, learned::layer_type_count> reach);
    ~LstmPredictor() override;

    const Architecture& architecture() const noexcept { return architecture_; }
    bool sees_pool() const noexcept { return sees_pool_; }
    const learned::InputScale& scale() const noexcept { return scale_; }
    const std::vector<Member>& members() const noexcept { return members_; }
    /// By layer type; without rows where the type was not measured.
    const std::array<learned::Reach, learned::layer_type_count>& reach() const noexcept { return reach_; }

    /// Programs go on together, one operation after the other: one forward pass over all that are still running. What
    /// several begin with is computed once, and remembered from call to call.
    void totals(std::span<const sotto_program* const> programs, std::span<learned::Outcome> outcomes,
                const std::function<void()>& interrupt) const override;

  protected:
    std::size_t hidden_size() const noexcept override { return members_.size() * 2 * architecture_.hidden; }
    learned::BothRoles own_ms(const sotto_operation& operation, const learned::Workload& work,
                              learned::Cursor& cursor) const override;
    learned::BothRoles wait_ms(const learned::OwnWorkload& work, const learned::Place& place,
                               const learned::BothRoles& previous) const override;

  private:
    // From one beginning of a program to the next.
    struct Step {
        std::uint32_t parent;
        std::uint32_t operation;
        std::uint32_t node;
    };
    struct Rows;
    struct Workspace;  // one call's own

    double embed(const sotto_operation& operation, const learned::OwnWorkload& work,
                 const learned::BothRoles& physical_ms, float* embedded) const;
    void set_place(const learned::OwnWorkload& work, const learned::Place& place, float* scaled) const;
    void recur(const Member& member, std::size_t count, const float* embedded, float* hidden, float* cell,
               std::vector<float>& gates) const;
    void advance(Rows& rows) const;
    void resize(Rows& rows, std::size_t count) const;
    void load_state(const float* state, std::size_t row, Rows& rows) const;
    void store_state(const Rows& rows, std::size_t row, float* state) const;
    void take_steps(std::span<const Step> steps, Workspace& space) const;
    void predict_chunk(std::span<const sotto_program* const> programs, std::span<learned::Outcome> outcomes,
                       Workspace& space, const std::function<void()>& interrupt) const;

    Architecture architecture_;
    bool sees_pool_;
    learned::InputScale scale_;
    std::vector<Member> members_;
    std::array<learned::Reach, learned::layer_type_count> reach_;
    mutable learned::OperationCache<double> shares_;  // of corrections, by operation, of all calls
    mutable protocol::Workspaces<Workspace> workspaces_;
};

/// Scaled inputs of one operation at its place.
void network_inputs(const learned::Workload& work, const learned::BothRoles& own_ms, bool sees_pool,
                    std::vector<double>& inputs);

/// Fills in model, model_version, roles, features, parameters, tensors and engine.parameters.
void write(const LstmPredictor& predictor, model_file::ModelFile& file);
/// Throws input::InputError of `name` for a file that write did not make.
std::shared_ptr<const LstmPredictor> read(const model_file::ModelFile& file, const std::string& name);

}  // namespace sotto::lstm
