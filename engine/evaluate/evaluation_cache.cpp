// SPDX-License-Identifier: Apache-2.0
#include "engine/evaluate/evaluation_cache.hpp"

#include <utility>

namespace sotto::evaluate {

void EvaluationCache::make_room() {
    if (young_.size() >= half_) {
        old_ = std::move(young_);
        young_ = Map();
    }
}

const Evaluation* EvaluationCache::find(const arch::CanonicalHash& hash) {
    if (const auto known = young_.find(hash); known != young_.end()) {
        return &known->second;
    }
    auto entry = old_.extract(hash);
    if (entry.empty()) {
        return nullptr;
    }
    make_room();
    return &young_.insert(std::move(entry)).position->second;
}

void EvaluationCache::insert(const Evaluation& evaluation) {
    if (half_ == 0 || find(evaluation.hash) != nullptr) {
        return;
    }
    make_room();
    young_.emplace(evaluation.hash, evaluation);
}

}  // namespace sotto::evaluate
