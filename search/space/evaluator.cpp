// SPDX-License-Identifier: Apache-2.0
#include "search/space/evaluator.hpp"

#include <algorithm>
#include <cassert>

namespace sotto::search::language {
namespace {

std::int64_t floor_divide(std::int64_t left, std::int64_t right, Fault& fault) {
    if (right == 0) {
        fault.kind = FaultKind::division_by_zero;
        return 0;
    }
    if (right == -1) {
        std::int64_t result = 0;
        if (__builtin_sub_overflow(std::int64_t{0}, left, &result)) {
            fault.kind = FaultKind::overflow;
        }
        return result;
    }
    const std::int64_t quotient = left / right;
    return quotient - ((left % right != 0 && (left < 0) != (right < 0)) ? 1 : 0);
}

std::int64_t remainder(std::int64_t left, std::int64_t right, Fault& fault) {
    if (right == 0) {
        fault.kind = FaultKind::division_by_zero;
        return 0;
    }
    if (right == -1) {
        return 0;
    }
    const std::int64_t rest = left % right;
    return rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest;
}

std::int64_t ceiling_divide(std::int64_t left, std::int64_t right, Fault& fault) {
    const std::int64_t quotient = floor_divide(left, right, fault);
    return fault || remainder(left, right, fault) == 0 ? quotient : quotient + 1;
}

enum class Rounding : std::uint8_t { down, nearest, up };

std::int64_t round_to_multiple(std::int64_t number, std::int64_t multiple, Rounding rounding, Fault& fault) {
    if (multiple < 1) {
        fault.kind = FaultKind::not_positive;
        return 0;
    }
    const std::int64_t rest = remainder(number, multiple, fault);
    const bool up =
        rest != 0 && (rounding == Rounding::up || (rounding == Rounding::nearest && rest >= multiple - rest));
    std::int64_t result = 0;
    if (__builtin_add_overflow(number, up ? multiple - rest : -rest, &result)) {
        fault.kind = FaultKind::overflow;
    }
    return result;
}

std::int64_t shape_of(Opcode op, arch::LayerIndex layer, std::uint32_t slot, Machine& machine) {
    if (layer == no_layer) {
        machine.fault = {FaultKind::no_shape, slot};
        return 0;
    }
    const arch::Shape& shape = machine.builder->shape(layer);
    return op == Opcode::channels ? shape.channels : op == Opcode::height ? shape.height : shape.width;
}

}  // namespace

std::int64_t apply(Opcode op, std::int64_t left, std::int64_t right, Fault& fault) {
    std::int64_t result = 0;
    bool overflow = false;
    switch (op) {
        case Opcode::negate:
            overflow = __builtin_sub_overflow(std::int64_t{0}, left, &result);
            break;
        case Opcode::absolute:
            result = left;
            overflow = left < 0 && __builtin_sub_overflow(std::int64_t{0}, left, &result);
            break;
        case Opcode::logical_not:
            return left == 0 ? 1 : 0;
        case Opcode::add:
            overflow = __builtin_add_overflow(left, right, &result);
            break;
        case Opcode::subtract:
            overflow = __builtin_sub_overflow(left, right, &result);
            break;
        case Opcode::multiply:
            overflow = __builtin_mul_overflow(left, right, &result);
            break;
        case Opcode::divide:
            return floor_divide(left, right, fault);
        case Opcode::modulo:
            return remainder(left, right, fault);
        case Opcode::ceiling_divide:
            return ceiling_divide(left, right, fault);
        case Opcode::round_to:
            return round_to_multiple(left, right, Rounding::nearest, fault);
        case Opcode::round_up:
            return round_to_multiple(left, right, Rounding::up, fault);
        case Opcode::round_down:
            return round_to_multiple(left, right, Rounding::down, fault);
        case Opcode::equal:
            return left == right ? 1 : 0;
        case Opcode::not_equal:
            return left != right ? 1 : 0;
        case Opcode::less:
            return left < right ? 1 : 0;
        case Opcode::less_equal:
            return left <= right ? 1 : 0;
        case Opcode::greater:
            return left > right ? 1 : 0;
        case Opcode::greater_equal:
            return left >= right ? 1 : 0;
        case Opcode::minimum:
            return std::min(left, right);
        case Opcode::maximum:
            return std::max(left, right);
        default:
            assert(false && "not an operator on values");
            return 0;
    }
    if (overflow) {
        fault.kind = FaultKind::overflow;
    }
    return result;
}

std::int64_t run_code(const Program& program, std::uint32_t begin, Machine& machine) {
    std::array<std::int64_t, maximum_stack> stack;
    std::size_t top = 0;
    for (const Instruction* at = program.instructions.data() + begin;; ++at) {
        switch (at->op) {
            case Opcode::push:
                stack[top++] = at->value;
                break;
            case Opcode::load_checked:
                if (machine.is_set[at->where] == 0) {
                    machine.fault = {FaultKind::inactive, at->where};
                    return 0;
                }
                [[fallthrough]];
            case Opcode::load:
                stack[top++] = machine.registers[at->where];
                break;
            case Opcode::is_set:
                stack[top++] = machine.is_set[at->where];
                break;
            case Opcode::channels:
            case Opcode::height:
            case Opcode::width:
                stack[top++] = shape_of(at->op, machine.slots[at->where], at->where, machine);
                break;
            case Opcode::count:
                stack[top++] = machine.counts[at->where];
                break;
            case Opcode::jump:
                at += at->where;
                break;
            case Opcode::jump_if_false:
                if (stack[--top] == 0) {
                    at += at->where;
                }
                break;
            case Opcode::pick: {
                const std::int64_t which = stack[--top];
                if (which < 0 || which >= std::int64_t{at->where}) {
                    machine.fault.kind = FaultKind::not_picked;
                    return 0;
                }
                at += which;
                break;
            }
            case Opcode::member: {
                top -= at->where;
                const std::int64_t wanted = stack[top - 1];
                const auto first = stack.begin() + static_cast<std::ptrdiff_t>(top);
                const auto last = first + static_cast<std::ptrdiff_t>(at->where);
                stack[top - 1] = std::find(first, last, wanted) != last ? 1 : 0;
                break;
            }
            case Opcode::negate:
            case Opcode::absolute:
            case Opcode::logical_not:
                stack[top - 1] = apply(at->op, stack[top - 1], 0, machine.fault);
                break;
            case Opcode::done:
                return stack[0];
            default:
                --top;
                stack[top - 1] = apply(at->op, stack[top - 1], stack[top], machine.fault);
                break;
        }
        if (machine.fault) {
            return 0;
        }
    }
}

std::string fault_text(const Program& program, const Fault& fault) {
    switch (fault.kind) {
        case FaultKind::division_by_zero:
            return "division by zero";
        case FaultKind::overflow:
            return "a number does not fit 64 bits";
        case FaultKind::not_positive:
            return "rounding to a multiple below 1";
        case FaultKind::not_picked:
            return "'pick' with a number below 0 or beyond its values";
        case FaultKind::inactive:
            return "'" + program.register_names[fault.where] + "' is read where it is not active";
        case FaultKind::no_shape:
            return "the shape of '" + program.slot_names[fault.where] + "' is read where it stands for nothing";
        case FaultKind::none:
            break;
    }
    return {};
}

}  // namespace sotto::search::language
