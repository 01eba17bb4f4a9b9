// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/arch/network.hpp"
#include "engine/evaluate/pipeline.hpp"
#include "search/loop/space_source.hpp"
#include "search/space/space.hpp"

namespace sotto::tools {

/// What is to be scored: networks of files, or members of a search space.
class CandidateList {
  public:
    /// Networks from their files; `notes` takes what an ONNX file holds that its network does not. Throws
    /// input::InputError.
    static CandidateList of_files(const std::vector<std::string>& files, std::vector<std::string>& notes);

    /// Members of the space in `space_file`: a list of genomes, a table with them, or the front of a run directory
    /// (docs/configuration.md, `initial`).
    static CandidateList of_genomes(const std::string& space_file, const std::string& genome_file);
    /// Those of a list that was read from `file_name`.
    static CandidateList of_genome_list(const std::string& space_file, std::string_view text,
                                        const std::string& file_name);

    /// `count` random members, each genome once; fewer where the space gives no more within 100 draws for each.
    static CandidateList of_sample(const std::string& space_file, std::size_t count, std::uint64_t seed);

    std::size_t size() const noexcept { return names_.size(); }
    /// The network's name, or the candidate's number in its list, from 1.
    const std::string& name(std::size_t index) const { return names_[index]; }
    /// The genome as text; empty for a network of a file.
    std::string genome(std::size_t index) const;

    /// Candidates from `first` on. Slots below `slots` may be used at once.
    evaluate::Source source(std::size_t first, std::size_t slots);

  private:
    void number_genomes();

    std::vector<std::string> names_;
    std::vector<arch::Network> networks_;
    std::optional<search::Space> space_;
    std::vector<search::Genome> genomes_;
    std::optional<search::SpaceSource> source_;
};

}  // namespace sotto::tools
