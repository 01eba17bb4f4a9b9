// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "engine/evaluate/pipeline.hpp"
#include "search/space/space.hpp"

namespace sotto::search {

/// Members of a space as candidates of evaluate::Pipeline, with a decoder for each of its slots.
class SpaceSource {
  public:
    /// The space must outlive this object.
    SpaceSource(const Space& space, std::size_t slots);

    std::size_t slots() const noexcept { return decoders_.size(); }

    /// Candidate `index` is the network of genome_of(index), which is called from worker threads; a genome without one
    /// is rejected with the reason. This object must outlive the source, and one source is in use at a time.
    evaluate::Source of(std::function<const Genome&(std::size_t index)> genome_of);

  private:
    std::vector<Space::Decoder> decoders_;
};

}  // namespace sotto::search
