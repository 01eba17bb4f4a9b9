// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "search/space/genome.hpp"

namespace sotto::search {

/// A genome as numbers to learn from: a gene of few alternatives as one indicator for each but the first; one of many,
/// or all where indicators would be too many, as its value from 0 to 1 and the square of it.
class GenomeFeatures {
  public:
    explicit GenomeFeatures(const std::vector<std::uint32_t>& levels);

    std::size_t count() const noexcept { return count_; }

    /// `into` has count() places.
    void fill(const Genome& genome, std::span<double> into) const;

  private:
    struct Encoding {
        std::uint32_t levels = 1;
        bool indicators = false;
    };

    std::vector<Encoding> encodings_;
    std::size_t count_ = 0;
};

}  // namespace sotto::search
