// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/candidate_list.hpp"

#include <unordered_set>
#include <utility>

#include "engine/input/csv.hpp"
#include "engine/input/input_error.hpp"
#include "engine/random/random.hpp"
#include "search/loop/initial_genomes.hpp"
#include "tools/nas-predict/network_file.hpp"

namespace sotto::tools {
namespace {

constexpr std::size_t most_bytes = 256U << 20U;

}  // namespace

CandidateList CandidateList::of_files(const std::vector<std::string>& files, std::vector<std::string>& notes) {
    CandidateList list;
    for (const std::string& file : files) {
        std::vector<std::string> of_file;
        list.networks_.push_back(read_network(file, of_file));
        list.names_.push_back(name_of(list.networks_.back(), file));
        for (const std::string& note : of_file) {
            notes.push_back(file + ": " + note);
        }
    }
    return list;
}

CandidateList CandidateList::of_genomes(const std::string& space_file, const std::string& genome_file) {
    CandidateList list;
    list.space_ = search::Space::load_file(space_file);
    list.genomes_ = search::parse_genome_list(input::read_text_file(genome_file, most_bytes, "a list of genomes"),
                                              genome_file, *list.space_);
    if (list.genomes_.empty()) {
        throw input::InputError({{genome_file, 0, 0}, "holds no genomes", {}, "one 'choice=value ...' a line", {}});
    }
    for (std::size_t index = 0; index < list.genomes_.size(); ++index) {
        list.names_.push_back(std::to_string(index + 1));
    }
    return list;
}

CandidateList CandidateList::of_sample(const std::string& space_file, std::size_t count, std::uint64_t seed) {
    constexpr std::size_t draws_each = 100;
    CandidateList list;
    list.space_ = search::Space::load_file(space_file);
    std::unordered_set<search::Genome, search::GenomeHash> drawn;
    for (std::size_t draw = 0; drawn.size() < count && draw < draws_each * count; ++draw) {
        random::Stream stream(seed, 0, static_cast<std::uint32_t>(draw), random::Purpose::random_sample);
        search::Genome genome = list.space_->sample(stream);
        if (drawn.insert(genome).second) {
            list.genomes_.push_back(std::move(genome));
            list.names_.push_back(std::to_string(drawn.size()));
        }
    }
    return list;
}

std::string CandidateList::genome(std::size_t index) const {
    return space_ ? space_->to_text(genomes_[index]) : std::string();
}

evaluate::Source CandidateList::source(std::size_t first, std::size_t slots) {
    while (space_ && decoders_.size() < slots) {
        decoders_.emplace_back(*space_);
    }
    return [this, first](std::size_t index, std::size_t slot, std::string& rejection) -> const arch::Network* {
        if (!space_) {
            return &networks_[first + index];
        }
        search::Rejection reason;
        const arch::Network* const network = decoders_[slot].decode(genomes_[first + index], reason);
        if (network == nullptr) {
            rejection = reason.reason;
        }
        return network;
    };
}

}  // namespace sotto::tools
