// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/evaluate/pipeline.hpp"
#include "engine/plugin/registry.hpp"
#include "tools/nas-predict/candidate_list.hpp"
#include "tools/nas-predict/metric_choice.hpp"

namespace sotto::tools {

enum class ScoreForm : std::uint8_t { table, csv, json };

struct ScoringOptions {
    ScoreForm form = ScoreForm::table;
    std::string lowering = "athos-cheetah";
    std::size_t threads = 0;  ///< 0: one per processor. Does not change a result
    std::uint64_t seed = 1;   ///< of what the proxies draw
    /// Parameters by the id of their plug-in; those left out have their defaults.
    std::map<std::string, std::map<std::string, std::string>> parameters;
};

/// What became of the candidates.
struct ScoringTally {
    std::size_t scored = 0;
    std::size_t without = 0;  ///< no network, or a layer that a plug-in cannot express
    std::size_t failed = 0;   ///< a plug-in broke its contract
    bool stopped = false;
};

/// Scores many candidates on all processors, and writes them in their order as it goes: what is kept does not grow with
/// their number.
class Scoring {
  public:
    /// Throws input::InputError for parameters of a plug-in that is not used, and what evaluate::Pipeline throws.
    Scoring(plugin::Registry& registry, MetricChoice choice, const ScoringOptions& options);

    /// `write` takes the result piece by piece, `progress` how many candidates are done.
    ScoringTally run(CandidateList& candidates, const std::atomic<bool>& stop,
                     const std::function<void(const std::string&)>& write,
                     const std::function<void(std::size_t done)>& progress);

  private:
    struct Row;
    std::string head() const;
    std::string row_text(const Row& row, bool is_first) const;

    MetricChoice choice_;
    ScoreForm form_;
    std::vector<std::unique_ptr<evaluate::Pipeline>> pipelines_;  ///< one a plug-in, and one for counts where asked for
    std::vector<std::size_t> columns_;                            ///< of each metric, in its pipeline
};

}  // namespace sotto::tools
