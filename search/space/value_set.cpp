// SPDX-License-Identifier: Apache-2.0
#include "search/space/value_set.hpp"

#include <algorithm>

#include "search/space/evaluator.hpp"

namespace sotto::search::language {
namespace {

constexpr std::size_t most_listed = 128;
constexpr std::size_t most_pairs = 4096;

bool is_comparison(Opcode op) {
    return op == Opcode::equal || op == Opcode::not_equal || op == Opcode::less || op == Opcode::less_equal ||
           op == Opcode::greater || op == Opcode::greater_equal || op == Opcode::logical_not;
}

// Takes its extremes at the ends of its operands' ranges.
bool is_monotone(Opcode op, const ValueSet& right) {
    switch (op) {
        case Opcode::add:
        case Opcode::subtract:
        case Opcode::multiply:
        case Opcode::minimum:
        case Opcode::maximum:
        case Opcode::negate:
            return true;
        case Opcode::divide:
        case Opcode::ceiling_divide:
            return right.least > 0 || right.most < 0;
        case Opcode::round_to:
        case Opcode::round_up:
        case Opcode::round_down:
            return right.least == right.most && right.least > 0;
        default:
            return false;
    }
}

}  // namespace

ValueSet ValueSet::between(std::int64_t least, std::int64_t most) {
    ValueSet set;
    set.least = least;
    set.most = most;
    return set;
}

ValueSet ValueSet::of(std::vector<std::int64_t> values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    if (values.empty()) {
        return any();
    }
    ValueSet set = between(values.front(), values.back());
    if (values.size() <= most_listed) {
        set.listed = true;
        set.values = std::move(values);
    }
    return set;
}

bool ValueSet::intersects(std::int64_t from, std::int64_t to) const {
    if (listed) {
        return std::any_of(values.begin(), values.end(), [&](std::int64_t v) { return v >= from && v <= to; });
    }
    return least <= to && most >= from;
}

ValueSet apply(Opcode op, const ValueSet& left, const ValueSet& right) {
    const bool unary = op == Opcode::negate || op == Opcode::absolute || op == Opcode::logical_not;
    const std::size_t pairs = left.values.size() * (unary ? 1 : right.values.size());
    if (left.listed && (unary || right.listed) && pairs <= most_pairs) {
        std::vector<std::int64_t> values;
        for (const std::int64_t a : left.values) {
            for (const std::int64_t b : unary ? std::vector<std::int64_t>{0} : right.values) {
                Fault fault;
                const std::int64_t value = apply(op, a, b, fault);
                if (!fault) {
                    values.push_back(value);
                }
            }
        }
        return ValueSet::of(std::move(values));
    }
    if (is_comparison(op)) {
        return ValueSet::between(0, 1);
    }
    if (op == Opcode::modulo && right.least > 0) {
        return ValueSet::between(0, right.most - 1);
    }
    if (op == Opcode::absolute && left.least > std::numeric_limits<std::int64_t>::min()) {
        return ValueSet::between(0, std::max(-left.least, left.most < 0 ? -left.most : left.most));
    }
    if (!is_monotone(op, right)) {
        return ValueSet::any();
    }
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::int64_t most = std::numeric_limits<std::int64_t>::min();
    for (const std::int64_t a : {left.least, left.most}) {
        for (const std::int64_t b : {right.least, right.most}) {
            Fault fault;
            const std::int64_t value = apply(op, a, b, fault);
            if (fault) {
                return ValueSet::any();
            }
            least = std::min(least, value);
            most = std::max(most, value);
        }
    }
    return ValueSet::between(least, most);
}

ValueSet either(const ValueSet& left, const ValueSet& right) {
    if (left.listed && right.listed) {
        std::vector<std::int64_t> values = left.values;
        values.insert(values.end(), right.values.begin(), right.values.end());
        return ValueSet::of(std::move(values));
    }
    return ValueSet::between(std::min(left.least, right.least), std::max(left.most, right.most));
}

}  // namespace sotto::search::language
