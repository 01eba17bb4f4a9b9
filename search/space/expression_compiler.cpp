// SPDX-License-Identifier: Apache-2.0
#include "search/space/expression_compiler.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "search/space/evaluator.hpp"

namespace sotto::search::language {
namespace {

using input::InputError;

Opcode opcode_of(Operator op) {
    switch (op) {
        case Operator::negate:
            return Opcode::negate;
        case Operator::logical_not:
            return Opcode::logical_not;
        case Operator::add:
            return Opcode::add;
        case Operator::subtract:
            return Opcode::subtract;
        case Operator::multiply:
            return Opcode::multiply;
        case Operator::divide:
            return Opcode::divide;
        case Operator::modulo:
            return Opcode::modulo;
        case Operator::equal:
            return Opcode::equal;
        case Operator::not_equal:
            return Opcode::not_equal;
        case Operator::less:
            return Opcode::less;
        case Operator::less_equal:
            return Opcode::less_equal;
        case Operator::greater:
            return Opcode::greater;
        case Operator::greater_equal:
            return Opcode::greater_equal;
        case Operator::minimum:
            return Opcode::minimum;
        case Operator::maximum:
            return Opcode::maximum;
        case Operator::ceiling_divide:
            return Opcode::ceiling_divide;
        case Operator::round_to:
            return Opcode::round_to;
        case Operator::round_up:
            return Opcode::round_up;
        case Operator::round_down:
            return Opcode::round_down;
        case Operator::absolute:
            return Opcode::absolute;
        default:
            return Opcode::done;
    }
}

class Compiler {
  public:
    Compiler(const Expression& expression, NameResolver& names, Counts counts)
        : expression_(expression), names_(names), counts_(counts) {}

    CompiledExpression node(std::uint32_t index) {
        const ExpressionNode& node = expression_.nodes[index];
        switch (node.op) {
            case Operator::number:
                return constant(ValueType::number, node.number);
            case Operator::boolean:
                return constant(ValueType::boolean, node.number);
            case Operator::word:
                return constant(ValueType::word, names_.word(node.word));
            case Operator::reference:
                return reference(node);
            case Operator::logical_and:
            case Operator::logical_or:
                return logical(node);
            case Operator::conditional:
                return conditional(node);
            case Operator::pick:
                return pick(node);
            case Operator::member:
                return member(node);
            case Operator::active:
                return active(node);
            case Operator::channels:
            case Operator::height:
            case Operator::width:
                return shape(node);
            case Operator::equal:
            case Operator::not_equal:
                return equality(node);
            case Operator::logical_not:
                return unary(node, ValueType::boolean);
            case Operator::negate:
            case Operator::absolute:
                return unary(node, ValueType::number);
            default:
                return numeric(node);
        }
    }

  private:
    [[noreturn]] void fail(const std::string& problem, std::string found, std::string expected,
                           std::string nearest = {}) const {
        throw InputError({expression_.location, "expression '" + expression_.text + "' " + problem, std::move(found),
                          std::move(expected), std::move(nearest)});
    }

    static CompiledExpression constant(ValueType type, std::int64_t value) {
        CompiledExpression result;
        result.type = type;
        result.constant = true;
        result.value = value;
        result.set = ValueSet::of(value);
        return result;
    }

    static void merge_facts(CompiledExpression& into, const CompiledExpression& from) {
        into.may_be_unset = into.may_be_unset || from.may_be_unset;
        into.shape_dependent = into.shape_dependent || from.shape_dependent;
        into.count_dependent = into.count_dependent || from.count_dependent;
        into.genes.insert(into.genes.end(), from.genes.begin(), from.genes.end());
        std::sort(into.genes.begin(), into.genes.end());
        into.genes.erase(std::unique(into.genes.begin(), into.genes.end()), into.genes.end());
    }

    // Appends code that leaves `from` on the stack, `below` values being there already.
    void append(CompiledExpression& into, const CompiledExpression& from, std::size_t below) const {
        if (from.constant) {
            into.code.push_back({Opcode::push, 0, from.value});
        } else {
            into.code.insert(into.code.end(), from.code.begin(), from.code.end());
        }
        into.stack = std::max(into.stack, below + std::max<std::size_t>(1, from.stack));
        if (into.stack >= maximum_stack) {
            fail("needs too many values at once", {}, "a shorter expression");
        }
        merge_facts(into, from);
    }

    void expect(const CompiledExpression& operand, ValueType type) const {
        if (operand.type != type) {
            fail("has an operand of the wrong type", std::string(type_text(operand.type)),
                 std::string(type_text(type)));
        }
    }

    CompiledExpression reference(const ExpressionNode& node) {
        if (node.path.size() == 1 && node.path[0].index == PathElement::no_index) {
            const auto* const count = std::find(count_names.begin(), count_names.end(), node.path[0].name);
            if (count != count_names.end()) {
                return count_of(static_cast<std::uint32_t>(count - count_names.begin()));
            }
        }
        const NamedValue named = names_.value(expression_, node);
        if (named.constant) {
            return constant(named.type, named.value);
        }
        CompiledExpression result;
        result.type = named.type;
        result.code.push_back({named.may_be_unset ? Opcode::load_checked : Opcode::load, named.reg, 0});
        result.stack = 1;
        result.may_be_unset = named.may_be_unset;
        result.shape_dependent = named.shape_dependent;
        result.set = named.set;
        if (named.gene) {
            result.genes.push_back(*named.gene);
        }
        result.genes.insert(result.genes.end(), named.genes.begin(), named.genes.end());
        return result;
    }

    CompiledExpression count_of(std::uint32_t which) const {
        if (counts_ == Counts::refused) {
            fail("reads a count of the finished network", '\'' + std::string(count_names[which]) + '\'',
                 "such a count only in the 'require' of the space itself");
        }
        CompiledExpression result;
        result.code.push_back({Opcode::count, which, 0});
        result.stack = 1;
        result.count_dependent = true;
        result.shape_dependent = true;
        result.set = ValueSet::between(0, std::numeric_limits<std::int64_t>::max());
        return result;
    }

    CompiledExpression logical(const ExpressionNode& node) {
        const bool is_and = node.op == Operator::logical_and;
        const CompiledExpression left = this->node(node.operands[0]);
        expect(left, ValueType::boolean);
        if (left.constant && (left.value != 0) != is_and) {
            return constant(ValueType::boolean, is_and ? 0 : 1);
        }
        CompiledExpression right = this->node(node.operands[1]);
        expect(right, ValueType::boolean);
        if (left.constant) {
            return right;
        }
        CompiledExpression result;
        result.type = ValueType::boolean;
        result.set = ValueSet::of({0, 1});
        append(result, left, 0);
        CompiledExpression tail;
        append(tail, right, 0);
        const auto length = static_cast<std::uint32_t>(tail.code.size());
        if (is_and) {
            result.code.push_back({Opcode::jump_if_false, length + 1, 0});
            append(result, right, 0);
            result.code.push_back({Opcode::jump, 1, 0});
            result.code.push_back({Opcode::push, 0, 0});
        } else {
            result.code.push_back({Opcode::jump_if_false, 2, 0});
            result.code.push_back({Opcode::push, 0, 1});
            result.code.push_back({Opcode::jump, length, 0});
            append(result, right, 0);
        }
        return result;
    }

    CompiledExpression conditional(const ExpressionNode& node) {
        const CompiledExpression condition = this->node(node.operands[0]);
        expect(condition, ValueType::boolean);
        if (condition.constant) {
            return this->node(node.operands[condition.value != 0 ? 1 : 2]);
        }
        const CompiledExpression yes = this->node(node.operands[1]);
        const CompiledExpression no = this->node(node.operands[2]);
        expect(no, yes.type);
        CompiledExpression result;
        result.type = yes.type;
        result.set = either(yes.set, no.set);
        append(result, condition, 0);
        CompiledExpression yes_code;
        append(yes_code, yes, 0);
        CompiledExpression no_code;
        append(no_code, no, 0);
        result.code.push_back({Opcode::jump_if_false, static_cast<std::uint32_t>(yes_code.code.size() + 1), 0});
        append(result, yes, 0);
        result.code.push_back({Opcode::jump, static_cast<std::uint32_t>(no_code.code.size()), 0});
        append(result, no, 0);
        return result;
    }

    // The number, a jump for each value, and the values, each of which jumps behind the last.
    CompiledExpression pick(const ExpressionNode& node) {
        const CompiledExpression which = this->node(node.operands[0]);
        expect(which, ValueType::number);
        const std::size_t count = node.operands.size() - 1;
        if (!which.set.intersects(0, static_cast<std::int64_t>(count) - 1)) {
            fail("picks a value that is not there",
                 which.constant ? std::to_string(which.value) : "no number that can be picked",
                 "0 to " + std::to_string(count - 1));
        }
        if (which.constant) {
            return this->node(node.operands[1 + static_cast<std::size_t>(which.value)]);
        }
        std::vector<CompiledExpression> values;
        std::size_t length = 0;  // of all values with their jumps
        std::optional<ValueSet> set;
        for (std::size_t i = 0; i < count; ++i) {
            values.push_back(this->node(node.operands[1 + i]));
            expect(values.back(), values.front().type);
            length += 1 + (values.back().constant ? 1 : values.back().code.size());
            const auto number = static_cast<std::int64_t>(i);
            if (which.set.intersects(number, number)) {
                set = set ? either(*set, values.back().set) : values.back().set;
            }
        }
        CompiledExpression result;
        result.type = values.front().type;
        result.set = *set;
        append(result, which, 0);
        result.code.push_back({Opcode::pick, static_cast<std::uint32_t>(count), 0});
        std::size_t before = 0;  // instructions of the values that are passed over
        for (std::size_t i = 0; i < count; ++i) {
            result.code.push_back({Opcode::jump, static_cast<std::uint32_t>(count - 1 - i + before), 0});
            before += 1 + (values[i].constant ? 1 : values[i].code.size());
        }
        for (const CompiledExpression& value : values) {
            append(result, value, 0);
            length -= 1 + (value.constant ? 1 : value.code.size());
            result.code.push_back({Opcode::jump, static_cast<std::uint32_t>(length), 0});
        }
        return result;
    }

    CompiledExpression member(const ExpressionNode& node) {
        std::vector<CompiledExpression> operands;
        bool all_constant = true;
        for (const std::uint32_t operand : node.operands) {
            operands.push_back(this->node(operand));
            all_constant = all_constant && operands.back().constant;
            check_comparable(operands.front(), operands.back());
        }
        if (all_constant) {
            const bool found = std::any_of(operands.begin() + 1, operands.end(), [&](const CompiledExpression& other) {
                return other.value == operands.front().value;
            });
            return constant(ValueType::boolean, found ? 1 : 0);
        }
        CompiledExpression result;
        result.type = ValueType::boolean;
        result.set = ValueSet::of({0, 1});
        for (std::size_t i = 0; i < operands.size(); ++i) {
            append(result, operands[i], i);
        }
        result.code.push_back({Opcode::member, static_cast<std::uint32_t>(operands.size() - 1), 0});
        return result;
    }

    CompiledExpression active(const ExpressionNode& node) {
        const NamedValue named = names_.value(expression_, node);
        if (!named.may_be_unset) {
            return constant(ValueType::boolean, 1);
        }
        CompiledExpression result;
        result.type = ValueType::boolean;
        result.code.push_back({Opcode::is_set, named.reg, 0});
        result.stack = 1;
        result.shape_dependent = named.shape_dependent;
        result.set = ValueSet::of({0, 1});
        return result;
    }

    CompiledExpression shape(const ExpressionNode& node) {
        CompiledExpression result;
        const Opcode op = node.op == Operator::channels ? Opcode::channels
                          : node.op == Operator::height ? Opcode::height
                                                        : Opcode::width;
        result.code.push_back({op, names_.slot(expression_, node), 0});
        result.stack = 1;
        result.shape_dependent = true;
        result.set = ValueSet::between(1, arch::maximum_channels);
        return result;
    }

    // A word that can never be what it is compared with is a slip.
    void check_comparable(const CompiledExpression& left, const CompiledExpression& right) const {
        expect(right, left.type);
        if (left.type != ValueType::word || left.constant == right.constant) {
            return;
        }
        const CompiledExpression& word = left.constant ? left : right;
        const CompiledExpression& other = left.constant ? right : left;
        if (!other.set.listed || other.set.intersects(word.value, word.value)) {
            return;
        }
        std::vector<std::string_view> alternatives;
        for (const std::int64_t alternative : other.set.values) {
            alternatives.push_back(names_.word_text(alternative));
        }
        const std::string& found = names_.word_text(word.value);
        fail("compares with a word that is no alternative", '\'' + found + '\'', input::list_names(alternatives),
             std::string(input::nearest_name(found, alternatives)));
    }

    CompiledExpression equality(const ExpressionNode& node) {
        const CompiledExpression left = this->node(node.operands[0]);
        const CompiledExpression right = this->node(node.operands[1]);
        check_comparable(left, right);
        return combine(opcode_of(node.op), left, right, ValueType::boolean);
    }

    CompiledExpression unary(const ExpressionNode& node, ValueType type) {
        const CompiledExpression operand = this->node(node.operands[0]);
        expect(operand, type);
        const Opcode op = opcode_of(node.op);
        if (operand.constant) {
            return constant(type, folded(op, operand.value, 0));
        }
        CompiledExpression result;
        result.type = type;
        result.set = apply(op, operand.set, operand.set);
        append(result, operand, 0);
        result.code.push_back({op, 0, 0});
        return result;
    }

    CompiledExpression numeric(const ExpressionNode& node) {
        const Opcode op = opcode_of(node.op);
        CompiledExpression result = this->node(node.operands[0]);
        expect(result, ValueType::number);
        const bool compares = node.op == Operator::less || node.op == Operator::less_equal ||
                              node.op == Operator::greater || node.op == Operator::greater_equal;
        for (std::size_t i = 1; i < node.operands.size(); ++i) {
            const CompiledExpression right = this->node(node.operands[i]);
            expect(right, ValueType::number);
            result = combine(op, result, right, compares ? ValueType::boolean : ValueType::number);
        }
        return result;
    }

    CompiledExpression combine(Opcode op, const CompiledExpression& left, const CompiledExpression& right,
                               ValueType type) const {
        if (left.constant && right.constant) {
            return constant(type, folded(op, left.value, right.value));
        }
        const bool divides = op == Opcode::divide || op == Opcode::modulo || op == Opcode::ceiling_divide;
        if (divides && right.constant && right.value == 0) {
            fail("divides by zero", "0", "a divisor that is not 0");
        }
        CompiledExpression result;
        result.type = type;
        result.set = apply(op, left.set, right.set);
        append(result, left, 0);
        append(result, right, 1);
        result.code.push_back({op, 0, 0});
        return result;
    }

    std::int64_t folded(Opcode op, std::int64_t left, std::int64_t right) const {
        Fault fault;
        const std::int64_t value = apply(op, left, right, fault);
        switch (fault.kind) {
            case FaultKind::none:
                return value;
            case FaultKind::division_by_zero:
                fail("divides by zero", "0", "a divisor that is not 0");
            case FaultKind::not_positive:
                fail("rounds to a multiple below 1", std::to_string(right), "at least 1");
            default:
                fail("has a number that does not fit 64 bits", {}, "a smaller one");
        }
    }

    const Expression& expression_;
    NameResolver& names_;
    Counts counts_;
};

}  // namespace

CompiledExpression compile_node(const Expression& expression, std::uint32_t node, NameResolver& names, Counts counts) {
    return Compiler(expression, names, counts).node(node);
}

CompiledExpression compile_expression(const Expression& expression, NameResolver& names, Counts counts) {
    return compile_node(expression, expression.root(), names, counts);
}

std::string_view type_text(ValueType type) {
    switch (type) {
        case ValueType::number:
            return "a number";
        case ValueType::boolean:
            return "true or false";
        case ValueType::word:
            break;
    }
    return "a word";
}

}  // namespace sotto::search::language
