// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "tools/nas-predict/candidate_list.hpp"
#include "tools/nas-predict/scoring.hpp"

namespace sotto::tools {

enum class ScoreForm : std::uint8_t { table, csv, json };

/// How scores are printed (docs/nas_predict.md): a head, the candidates in the order of their list, an end.
class ScoreText {
  public:
    /// Both must outlive it.
    ScoreText(ScoreForm form, const Scoring& scoring, const CandidateList& candidates)
        : form_(form), scoring_(scoring), candidates_(candidates) {}

    std::string head() const;
    std::string row(const ScoredCandidate& candidate) const;
    std::string end() const;

  private:
    ScoreForm form_;
    const Scoring& scoring_;
    const CandidateList& candidates_;
};

}  // namespace sotto::tools
