// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "search/space/choice_walk.hpp"

namespace sotto::search::language {

/// Decides one walk after the other so that all together meet every combination of possible alternatives once, the gene
/// that is decided last changing fastest.
class EnumeratedGenes final : public ChoiceWalk::Decider {
  public:
    int decide(const ChoiceWalk& walk, std::uint32_t gene) override {
        if (decided_ == path_.size()) {
            path_.emplace_back();
            for (std::size_t value = 0; value < walk.program().choices[gene].values.size(); ++value) {
                if (walk.allows(gene, value)) {
                    path_.back().alternatives.push_back(static_cast<int>(value));
                }
            }
        }
        const Decision& decision = path_[decided_++];
        return decision.alternatives.empty() ? -1 : decision.alternatives[decision.at];
    }

    /// Before each walk.
    void restart() noexcept { decided_ = 0; }

    /// After each walk, also one that was refused on its way: on to the next combination. False where there is none.
    bool advance() {
        while (!path_.empty() && path_.back().at + 1 >= path_.back().alternatives.size()) {
            path_.pop_back();
        }
        if (path_.empty()) {
            return false;
        }
        ++path_.back().at;
        return true;
    }

  private:
    struct Decision {
        std::vector<int> alternatives;
        std::size_t at = 0;
    };
    std::vector<Decision> path_;
    std::size_t decided_ = 0;
};

}  // namespace sotto::search::language
