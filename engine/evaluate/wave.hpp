// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <limits>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/evaluate/pipeline_state.hpp"

namespace sotto::evaluate {

/// One call of Pipeline::evaluate(), worked off in waves. A wave is: networks and hashes in parallel; in the calling
/// thread, in order of the index, what is a duplicate or known; counts, lowering and cheap stages in parallel, in
/// batches; costly stages in parallel, candidate by candidate. So which candidates are computed never depends on the
/// threads.
class Waves {
  public:
    Waves(PipelineState& state, std::size_t count, const Source& source, const EvaluateOptions& options);

    /// Throws EvaluationStopped, and what the source or on_finished throws.
    Batch run();

  private:
    struct Settlement;

    bool is_cancelled() const { return options_.cancel != nullptr && options_.cancel->load(); }
    bool has_failed() const { return failure_ != no_failure; }
    PipelineState::Item& item(std::size_t index) { return state_.items[index - begin_]; }
    Evaluation& evaluation(std::size_t index) { return batch_.evaluations[index]; }

    void run_wave();
    void fetch(std::size_t index, std::size_t slot);
    std::vector<std::size_t> unknown_candidates();
    void answer_duplicates();
    void run_cheap_stages(std::span<const std::size_t> indices, std::size_t slot);
    void run_costly_stages(std::size_t index, std::size_t slot);
    bool keeps_count_limits(std::size_t index);
    bool lower(std::size_t index, PipelineState::Scratch& worker, plugin::CandidateView& view);
    void apply(std::size_t index, std::size_t stage, plugin::Score& score);
    void fail(std::size_t index, std::string reason);
    void finish_if_decided(std::size_t index);
    void finish(std::size_t index, Origin origin);
    void settle();

    static constexpr std::size_t no_failure = std::numeric_limits<std::size_t>::max();

    PipelineState& state_;
    const Source& source_;
    const EvaluateOptions& options_;
    Batch batch_;
    std::unordered_map<arch::CanonicalHash, std::size_t> first_index_;
    std::vector<std::size_t> duplicates_;
    std::size_t begin_ = 0;  // of the wave
    std::size_t end_ = 0;
    std::atomic<std::size_t> failure_ = no_failure;  // ErrorPolicy::stop: the lowest index that failed
};

}  // namespace sotto::evaluate
