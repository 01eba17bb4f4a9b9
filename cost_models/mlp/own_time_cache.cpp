// SPDX-License-Identifier: Apache-2.0
#include "cost_models/mlp/own_time_cache.hpp"

#include <cstdint>

namespace sotto::mlp {

std::size_t OwnTimeCache::Hash::operator()(const learned::OperationKey& key) const noexcept {
    std::uint64_t hash = 0x9e3779b97f4a7c15U;
    for (const std::int64_t value : key.values) {
        hash = (hash ^ static_cast<std::uint64_t>(value)) * 0xff51afd7ed558ccdU;
        hash ^= hash >> 32U;
    }
    return static_cast<std::size_t>(hash);
}

bool OwnTimeCache::find(const learned::OperationKey& key, learned::BothRoles& times) const {
    const Shard& shard = shards_[Hash{}(key) % shard_count];
    const std::lock_guard<std::mutex> lock(shard.mutex);
    const auto found = shard.times.find(key);
    if (found == shard.times.end()) {
        return false;
    }
    times = found->second;
    return true;
}

void OwnTimeCache::insert(const learned::OperationKey& key, const learned::BothRoles& times) {
    Shard& shard = shards_[Hash{}(key) % shard_count];
    const std::lock_guard<std::mutex> lock(shard.mutex);
    if (shard.times.size() >= most_in_shard) {
        shard.times.clear();
    }
    shard.times.emplace(key, times);
}

std::size_t OwnTimeCache::size() const {
    std::size_t sum = 0;
    for (const Shard& shard : shards_) {
        const std::lock_guard<std::mutex> lock(shard.mutex);
        sum += shard.times.size();
    }
    return sum;
}

}  // namespace sotto::mlp
