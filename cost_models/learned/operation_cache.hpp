// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "cost_models/learned/workload.hpp"

namespace sotto::learned {

/// What was computed of operations before: a search asks for few different ones, each very often. Holds only what is a
/// function of the key, so that it changes no result. Bounded: a full shard is emptied. Any thread.
template <typename Value>
class OperationCache {
  public:
    static constexpr std::size_t shard_count = 16;
    static constexpr std::size_t most_in_shard = 4096;

    bool find(const OperationKey& key, Value& value) const {
        const Shard& shard = shards_[Hash{}(key) % shard_count];
        const std::lock_guard<std::mutex> lock(shard.mutex);
        const auto found = shard.values.find(key);
        if (found == shard.values.end()) {
            return false;
        }
        value = found->second;
        return true;
    }

    void insert(const OperationKey& key, const Value& value) {
        Shard& shard = shards_[Hash{}(key) % shard_count];
        const std::lock_guard<std::mutex> lock(shard.mutex);
        if (shard.values.size() >= most_in_shard) {
            shard.values.clear();
        }
        shard.values.emplace(key, value);
    }

    std::size_t size() const {
        std::size_t sum = 0;
        for (const Shard& shard : shards_) {
            const std::lock_guard<std::mutex> lock(shard.mutex);
            sum += shard.values.size();
        }
        return sum;
    }

  private:
    struct Hash {
        std::size_t operator()(const OperationKey& key) const noexcept {
            std::uint64_t hash = 0x9e3779b97f4a7c15U;
            for (const std::int64_t value : key.values) {
                hash = (hash ^ static_cast<std::uint64_t>(value)) * 0xff51afd7ed558ccdU;
                hash ^= hash >> 32U;
            }
            return static_cast<std::size_t>(hash);
        }
    };
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<OperationKey, Value, Hash> values;
    };

    std::array<Shard, shard_count> shards_;
};

}  // namespace sotto::learned
