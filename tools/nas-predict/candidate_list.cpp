// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/candidate_list.hpp"

#include "search/loop/initial_genomes.hpp"
#include "search/loop/random_members.hpp"
#include "tools/nas-predict/network_file.hpp"

namespace sotto::tools {
CandidateList CandidateList::of_files(const std::vector<std::string>& files, std::vector<std::string>& notes) {
    CandidateList list;
    for (const std::string& file : files) {
        std::vector<std::string> of_file;
        list.networks_.push_back(read_network(file, of_file));
        list.names_.push_back(name_of(list.networks_.back(), file));
        for (const std::string& note : of_file) {
            notes.push_back(std::string(file).append(": ").append(note));
        }
    }
    list.names_ = telling_names(list.names_, files);
    return list;
}

CandidateList CandidateList::of_genomes(const std::string& space_file, const std::string& genome_file) {
    CandidateList list;
    list.space_ = search::Space::load_file(space_file);
    list.genomes_ = search::read_genomes(genome_file, *list.space_);
    list.number_genomes();
    return list;
}

CandidateList CandidateList::of_genome_list(const std::string& space_file, std::string_view text,
                                            const std::string& file_name) {
    CandidateList list;
    list.space_ = search::Space::load_file(space_file);
    list.genomes_ = search::parse_genome_list(text, file_name, *list.space_);
    list.number_genomes();
    return list;
}

CandidateList CandidateList::of_sample(const std::string& space_file, std::size_t count, std::uint64_t seed) {
    CandidateList list;
    list.space_ = search::Space::load_file(space_file);
    list.genomes_ = search::random_members(*list.space_, count, seed, 0);
    list.number_genomes();
    return list;
}

void CandidateList::number_genomes() {
    for (std::size_t number = 1; number <= genomes_.size(); ++number) {
        names_.push_back(std::to_string(number));
    }
}

std::string CandidateList::genome(std::size_t index) const {
    return space_ ? space_->to_text(genomes_[index]) : std::string();
}

evaluate::Source CandidateList::source(std::size_t first, std::size_t slots) {
    if (!space_) {
        return [this, first](std::size_t index, std::size_t /*slot*/, std::string& /*rejection*/) {
            return &networks_[first + index];
        };
    }
    if (!source_ || source_->slots() < slots) {
        source_.emplace(*space_, slots);
    }
    return source_->of([this, first](std::size_t index) -> const search::Genome& { return genomes_[first + index]; });
}

}  // namespace sotto::tools
