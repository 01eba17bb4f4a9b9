// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/secure/secure_program.hpp"

namespace sotto::bench {

/// A space to measure cost models on: what people call it and its file.
struct CandidateSpace {
    std::string name;
    std::string file;
};

/// `squeezenet` (configs/squeezenet_space.yaml) and `densenet121` (variants of DenseNet-121, some 370 operations).
const std::vector<CandidateSpace>& candidate_spaces();

/// `count` members of a space as a search meets them, lowered: children of children of the baseline, which is the
/// first. The same in every call.
std::vector<secure::SecureProgram> candidates_of(const CandidateSpace& space, std::size_t count);

}  // namespace sotto::bench
