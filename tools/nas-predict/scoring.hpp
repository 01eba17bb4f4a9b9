// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/evaluate/pipeline.hpp"
#include "engine/plugin/registry.hpp"
#include "tools/nas-predict/candidate_list.hpp"
#include "tools/nas-predict/metric_choice.hpp"

namespace sotto::tools {

struct ScoringOptions {
    std::string lowering = "athos-cheetah";
    std::size_t threads = 0;  ///< 0: one per processor. Does not change a result
    std::uint64_t seed = 1;   ///< of what the proxies draw
    /// Parameters by the id of their plug-in; those left out have their defaults.
    std::map<std::string, std::map<std::string, std::string>> parameters;
    /// How the plug-ins of a library run; empty: all in this process.
    std::function<plugin::Isolation(const std::string& library)> isolation{};
};

/// What became of the candidates.
struct ScoringTally {
    std::size_t scored = 0;
    std::size_t without = 0;  ///< no network, or a layer that a plug-in cannot express
    std::size_t failed = 0;   ///< a plug-in broke its contract
    bool stopped = false;
};

/// A candidate and what was found.
struct ScoredCandidate {
    std::size_t index = 0;                                                         ///< in its list
    evaluate::Evaluation::Status status = evaluate::Evaluation::Status::complete;  ///< the worst of its plug-ins'
    std::string hash;             ///< empty: the genome gives no network
    std::string reason;           ///< where not complete
    std::vector<double> metrics;  ///< in the order asked for; NaN: none
};

/// Scores many candidates on all processors, part by part in their order: what is kept does not grow with their number.
class Scoring {
  public:
    /// Throws input::InputError for parameters of a plug-in that is not used, and what evaluate::Pipeline throws.
    Scoring(plugin::Registry& registry, MetricChoice choice, const ScoringOptions& options);

    const MetricChoice& choice() const noexcept { return choice_; }
    /// Those that were given to a plug-in of the choice, by name.
    const std::map<std::string, std::string>& parameters(std::size_t plug_in) const;

    /// `take` gets the candidates as soon as they are known.
    ScoringTally run(CandidateList& candidates, const std::atomic<bool>& stop,
                     const std::function<void(const std::vector<ScoredCandidate>&)>& take);

  private:
    void add_reason(ScoredCandidate& candidate, std::size_t giver, const evaluate::Evaluation& evaluation) const;
    bool score(CandidateList& candidates, std::size_t giver, std::vector<ScoredCandidate>& part,
               const std::atomic<bool>& stop);

    MetricChoice choice_;
    std::vector<std::unique_ptr<evaluate::Pipeline>> pipelines_;  ///< one a plug-in, and one for counts where asked for
    std::vector<std::size_t> columns_;                            ///< of each metric, in its pipeline
};

}  // namespace sotto::tools
