// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sotto/plugin.hpp"

#include "cost_models/learned/predictor.hpp"
#include "cost_models/model_file/shipped_models.hpp"

namespace sotto::learned {

/// What the plug-ins `mlp` and `lstm` have in common: a predictor as a cost model with the metrics latency.client_ms,
/// latency.server_ms and latency.total_ms (the larger of the two). Any thread.
class LearnedCostModel : public sdk::CostModel {
  public:
    void evaluate_batch(const sdk::Batch& batch) override;
    void evaluate_operations(const sdk::Candidate& candidate, sdk::Values metrics,
                             sdk::OperationValues values) override;
    void evaluate_uncertainty(const sdk::Candidate& candidate, sdk::Values deviations) override;
    std::unique_ptr<sdk::ChildState> evaluate_child(const sdk::Candidate& candidate, const sdk::Prefix* prefix,
                                                    sdk::Values metrics, bool keeps) override;

  protected:
    LearnedCostModel(const sdk::Host& host, std::shared_ptr<const Predictor> predictor)
        : host_(host), predictor_(std::move(predictor)) {}

    /// The declaration, but for what tells the two apart.
    static sdk::Declaration declaration(const std::string& id, const std::string& description, double typical_cost_us);
    /// The model file that the arguments ask for. Throws sdk::InvalidArgument.
    static model_file::OpenedModel open(std::string_view id, const sdk::Arguments& arguments,
                                        std::span<const model_file::EmbeddedFile> shipped);

  private:
    Cursor predict(const sdk::Candidate& candidate) const;

    sdk::Host host_;
    std::shared_ptr<const Predictor> predictor_;
};

}  // namespace sotto::learned
