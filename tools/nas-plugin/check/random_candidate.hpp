// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/arch/network.hpp"
#include "engine/plugin/instance.hpp"
#include "engine/secure/secure_program.hpp"

namespace sotto::check {

/// A candidate with both views. Stays where it is made: the view points into it.
struct Candidate {
    std::uint64_t seed = 0;
    arch::Network network;
    secure::SecureProgram program;
    plugin::CandidateView view;

    Candidate() = default;
    Candidate(const Candidate&) = delete;
    Candidate& operator=(const Candidate&) = delete;
};

/// A valid network that can be lowered, a function of `seed` alone, which is also the candidate's seed: one to about
/// thirty layers over at most `largest_extent` pixels each way, with branches.
std::unique_ptr<Candidate> random_candidate(std::uint64_t seed, std::int32_t largest_extent = 33);

/// A small plain network: convolution, batch normalisation, ReLU, pool, convolution, ReLU, global pool, fully
/// connected.
std::unique_ptr<Candidate> plain_candidate(std::uint64_t seed = 1);

/// A chain of `blocks` times (1x1 convolution, ReLU) over 4x4 pixels.
std::unique_ptr<Candidate> long_candidate(std::uint32_t blocks);

/// plain_candidate and `count` - 1 small random ones.
std::vector<std::unique_ptr<Candidate>> small_candidates(std::uint64_t seed, std::size_t count);

std::vector<const sotto_candidate*> views_of(const std::vector<std::unique_ptr<Candidate>>& candidates);

}  // namespace sotto::check
