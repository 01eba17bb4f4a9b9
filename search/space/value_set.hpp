// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "search/space/program.hpp"

namespace sotto::search::language {

/// What an expression can be, seen without knowing how its parts depend on each other: never less than the truth.
struct ValueSet {
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
    bool listed = false;
    std::vector<std::int64_t> values;  ///< ascending, where listed

    static ValueSet any() { return {}; }
    static ValueSet of(std::int64_t value) { return {value, value, true, {value}}; }
    static ValueSet between(std::int64_t least, std::int64_t most);
    /// Listed where few enough.
    static ValueSet of(std::vector<std::int64_t> values);

    bool intersects(std::int64_t from, std::int64_t to) const;
};

/// What `op` can give; operations that fail (division by zero) give nothing.
ValueSet apply(Opcode op, const ValueSet& left, const ValueSet& right);
ValueSet either(const ValueSet& left, const ValueSet& right);

}  // namespace sotto::search::language
