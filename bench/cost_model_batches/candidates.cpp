// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_model_batches/candidates.hpp"

#include <cstdint>

#include "engine/random/random.hpp"
#include "engine/secure/lowering.hpp"
#include "search/space/space.hpp"

namespace sotto::bench {
namespace {

constexpr std::size_t children = 4;  // of each candidate

}  // namespace

const std::vector<CandidateSpace>& candidate_spaces() {
    static const std::vector<CandidateSpace> spaces = {
        {"squeezenet", SOTTO_SOURCE_DIRECTORY "/configs/squeezenet_space.yaml"},
        {"densenet121", SOTTO_SOURCE_DIRECTORY "/bench/cost_model_batches/densenet121_space.yaml"},
    };
    return spaces;
}

std::vector<secure::SecureProgram> candidates_of(const CandidateSpace& of, std::size_t count) {
    const search::Space space = search::Space::load_file(of.file);
    search::Space::Decoder decoder(space);
    search::Rejection rejection;
    secure::Lowering lowering;
    std::vector<search::Genome> genomes{space.baseline().value()};
    std::vector<secure::SecureProgram> result;
    for (std::uint32_t i = 0; result.size() < count; ++i) {
        if (i > 0) {
            random::Stream stream(1, 0, i - 1, random::Purpose::mutation);
            genomes.push_back(space.mutate(genomes[(i - 1) / children], stream));
        }
        secure::SecureProgram program;
        const arch::Network* const network = decoder.decode(genomes.back(), rejection);
        if (network != nullptr && !lowering.lower(*network, program)) {
            result.push_back(std::move(program));
        }
    }
    return result;
}

}  // namespace sotto::bench
