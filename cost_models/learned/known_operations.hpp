// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sotto/plugin.h"

#include "cost_models/learned/physical_times.hpp"
#include "cost_models/learned/workload.hpp"
#include "cost_models/protocol/operation_table.hpp"

namespace sotto::learned {

/// What one operation is by itself.
struct KnownOperation {
    OwnWorkload work;
    BothRoles physical_ms{};
    BothRoles own_ms{};  ///< as corrected, where the correction depends on the operation alone
    double share = 0;    ///< of a correction
};

/// Operations that programs were made of, each once, under numbers; and the programs as such numbers. One thread at a
/// time.
class KnownOperations {
  public:
    KnownOperations(const protocol::EngineProfile& profile, const PhysicalTimes& physical)
        : profile_(profile), physical_(physical) {}

    /// An operation that was not known: its number, and where it stands until the program ends.
    struct New {
        std::uint32_t number;
        const sotto_operation* operation;
    };

    /// The program's operations as numbers, added to the end of `numbers`; what was not known is known then, but for
    /// own_ms and share, and added to the end of `fresh`. Where the program cannot be predicted, the reason (else
    /// empty), and `numbers` is as it was.
    std::string number(const sotto_program& program, std::vector<std::uint32_t>& numbers, std::vector<New>& fresh);

    std::size_t size() const noexcept { return table_.size(); }
    void clear() noexcept { table_.clear(); }
    KnownOperation& operator[](std::uint32_t number) noexcept { return table_[number]; }
    const KnownOperation& operator[](std::uint32_t number) const noexcept { return table_[number]; }

  private:
    const protocol::EngineProfile& profile_;
    const PhysicalTimes& physical_;
    protocol::OperationTable<KnownOperation> table_;
};

/// Why an operation is not predicted whose like was not measured.
std::string unmeasured(const OwnWorkload& work, std::size_t index);

}  // namespace sotto::learned
