// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <unordered_map>

#include "cost_models/learned/physical_times.hpp"
#include "cost_models/learned/workload.hpp"

namespace sotto::mlp {

/// Own times of operations that were asked for before: a search asks for few different ones, each very often. Holds
/// only what is a function of the key, so that it changes no result. Bounded: a full shard is emptied. Any thread.
class OwnTimeCache {
  public:
    static constexpr std::size_t shard_count = 16;
    static constexpr std::size_t most_in_shard = 4096;

    bool find(const learned::OperationKey& key, learned::BothRoles& times) const;
    void insert(const learned::OperationKey& key, const learned::BothRoles& times);
    std::size_t size() const;

  private:
    struct Hash {
        std::size_t operator()(const learned::OperationKey& key) const noexcept;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<learned::OperationKey, learned::BothRoles, Hash> times;
    };

    std::array<Shard, shard_count> shards_;
};

}  // namespace sotto::mlp
