// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "engine/arch/network_builder.hpp"
#include "search/space/program.hpp"

namespace sotto::search::language {

enum class FaultKind : std::uint8_t { none, division_by_zero, overflow, not_positive, not_picked, inactive, no_shape };

/// Why an expression has no value for this candidate.
struct Fault {
    FaultKind kind = FaultKind::none;
    std::uint32_t where = 0;  ///< register (inactive) or slot (no_shape)

    explicit operator bool() const noexcept { return kind != FaultKind::none; }
};

inline constexpr arch::LayerIndex no_layer = std::numeric_limits<arch::LayerIndex>::max();

/// The state that steps read and write while one candidate is worked on.
struct Machine {
    std::vector<std::int64_t> registers;
    std::vector<std::uint8_t> is_set;
    std::vector<arch::LayerIndex> slots;
    std::array<std::int64_t, count_names.size()> counts{};
    const arch::NetworkBuilder* builder = nullptr;
    Fault fault;  ///< of the last evaluation that failed; cleared by the caller

    explicit Machine(const Program& program)
        : registers(program.registers()), is_set(program.registers()), slots(program.slots()) {}

    void set(std::uint32_t reg, std::int64_t value) {
        registers[reg] = value;
        is_set[reg] = 1;
    }
};

std::int64_t run_code(const Program& program, std::uint32_t begin, Machine& machine);

/// The value; where the machine's fault is set afterwards, it means nothing.
inline std::int64_t evaluate(const Program& program, const Value& value, Machine& machine) {
    switch (value.form) {
        case Value::Form::constant:
            return value.constant;
        case Value::Form::reg:
            return machine.registers[value.index];
        case Value::Form::code:
            break;
    }
    return run_code(program, value.index, machine);
}

/// Operators on one or two values, as the evaluator and the compiler's constant folding do them. Integer division
/// rounds down, the remainder has the sign of the divisor.
std::int64_t apply(Opcode op, std::int64_t left, std::int64_t right, Fault& fault);

std::string fault_text(const Program& program, const Fault& fault);

}  // namespace sotto::search::language
