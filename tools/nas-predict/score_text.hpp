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
    ScoreText(ScoreForm form, const Scoring& scoring, const CandidateList& candidates);

    std::string head() const;
    std::string row(const ScoredCandidate& candidate) const;
    std::string end() const;

  private:
    std::string padded(const std::string& name) const;

    ScoreForm form_;
    const Scoring& scoring_;
    const CandidateList& candidates_;
    std::size_t name_width_ = 24;  ///< of the longest name, at least this
};

}  // namespace sotto::tools
