// SPDX-License-Identifier: Apache-2.0
#include "search/space/choice_walk.hpp"

#include <algorithm>

namespace sotto::search::language {

std::string without_value(const Program& program, std::uint32_t reg) {
    const std::string& name = program.register_names[reg];
    return name.empty() ? "an expression has no value" : '\'' + name + "' has no value";
}

ChoiceWalk::ChoiceWalk(const Program& program) : program_(program), machine_(program) {
    genome_.genes.resize(program.choices.size());
    active_.resize(program.choices.size());
}

bool ChoiceWalk::run(Decider& decider, Refusal& refusal) {
    std::fill(machine_.is_set.begin(), machine_.is_set.end(), std::uint8_t{0});
    std::fill(active_.begin(), active_.end(), std::uint8_t{0});
    std::fill(genome_.genes.begin(), genome_.genes.end(), Gene{0});
    machine_.fault = {};
    for (std::size_t at = 0; at < program_.choice_steps.size();) {
        const ChoiceStep& step = program_.choice_steps[at++];
        switch (step.kind) {
            case ChoiceStep::Kind::choice:
                if (!take(step, decider, refusal)) {
                    return false;
                }
                break;
            case ChoiceStep::Kind::evaluate: {
                const std::int64_t value = evaluate(program_, step.value, machine_);
                if (!machine_.fault) {
                    machine_.set(step.index, value);
                } else if (step.may_be_unset && machine_.fault.kind == FaultKind::inactive) {
                    machine_.fault = {};
                } else {
                    return fault(refusal, without_value(program_, step.index), &program_.locations[step.location]);
                }
                break;
            }
            case ChoiceStep::Kind::guard:
                if (evaluate(program_, step.value, machine_) == 0) {
                    at = step.index;
                }
                if (machine_.fault) {
                    return fault(refusal, "a condition has no value", nullptr);
                }
                break;
            case ChoiceStep::Kind::require:
                if (!holds(program_, program_.requirements[step.index], machine_, refusal)) {
                    return false;
                }
                break;
        }
    }
    return true;
}

bool ChoiceWalk::take(const ChoiceStep& step, Decider& decider, Refusal& refusal) {
    const std::uint32_t gene = step.index;
    const Choice& choice = program_.choices[gene];
    if (step.conditional) {
        const std::int64_t condition = evaluate(program_, step.value, machine_);
        if (machine_.fault) {
            return fault(refusal, "the condition of choice '" + choice.name + "' has no value", &choice.location);
        }
        if (condition == 0) {
            if (step.otherwise) {
                machine_.set(choice.reg, *step.otherwise);
            }
            return true;
        }
    }
    int taken = 0;
    if (choice.leader) {
        if (active_[*choice.leader] == 0) {
            machine_.fault = {FaultKind::inactive, program_.choices[*choice.leader].reg};
            return fault(refusal, "the tied choice '" + choice.name + "' has no value", &choice.location);
        }
        taken = genome_.genes[*choice.leader];
    } else {
        taken = decider.decide(*this, gene);
        const bool possible = taken >= 0 && allows(gene, static_cast<std::size_t>(taken));
        if (machine_.fault) {
            return fault(refusal, "an alternative of choice '" + choice.name + "' has no value", &choice.location);
        }
        if (!possible) {
            refusal.reason = taken < 0 ? "no alternative of choice '" + choice.name + "' is possible here"
                                       : "choice '" + choice.name + "' cannot be " +
                                             choice.texts[static_cast<std::size_t>(taken)] + " here";
            refusal.location = &choice.location;
            return false;
        }
    }
    genome_.genes[gene] = static_cast<Gene>(taken);
    active_[gene] = 1;
    machine_.set(choice.reg, choice.values[static_cast<std::size_t>(taken)]);
    return true;
}

bool ChoiceWalk::fault(Refusal& refusal, const std::string& what, const input::SourceLocation* location) {
    refusal.reason = what + ": " + fault_text(program_, machine_.fault);
    refusal.location = location;
    refusal.fault = true;
    machine_.fault = {};
    return false;
}

bool ChoiceWalk::allows(std::uint32_t gene, std::size_t alternative) const {
    const Choice& choice = program_.choices[gene];
    if (choice.conditions.empty() || !choice.conditions[alternative]) {
        return true;
    }
    return evaluate(program_, *choice.conditions[alternative], machine_) != 0 && !machine_.fault;
}

std::size_t ChoiceWalk::count_allowed(std::uint32_t gene) const {
    const Choice& choice = program_.choices[gene];
    if (choice.conditions.empty()) {
        return choice.values.size();
    }
    std::size_t count = 0;
    for (std::size_t alternative = 0; alternative < choice.values.size(); ++alternative) {
        count += allows(gene, alternative) ? 1U : 0U;
    }
    return count;
}

int ChoiceWalk::nth_allowed(std::uint32_t gene, std::size_t which) const {
    const Choice& choice = program_.choices[gene];
    if (choice.conditions.empty()) {
        return static_cast<int>(which);
    }
    for (std::size_t alternative = 0; alternative < choice.values.size(); ++alternative) {
        if (allows(gene, alternative) && which-- == 0) {
            return static_cast<int>(alternative);
        }
    }
    return -1;
}

bool holds(const Program& program, const Requirement& requirement, Machine& machine, Refusal& refusal) {
    const std::int64_t value = evaluate(program, requirement.condition, machine);
    if (!machine.fault && value != 0) {
        return true;
    }
    refusal.location = &requirement.location;
    refusal.reason = "requirement '" + requirement.text + "'";
    if (machine.fault) {
        refusal.reason += " has no value: " + fault_text(program, machine.fault);
        refusal.fault = true;
        machine.fault = {};
        return false;
    }
    refusal.reason += " does not hold";
    if (requirement.sides) {
        const std::int64_t left = evaluate(program, (*requirement.sides)[0], machine);
        const std::int64_t right = evaluate(program, (*requirement.sides)[1], machine);
        refusal.reason += " (" + std::to_string(left) + " and " + std::to_string(right) + ')';
    }
    if (!requirement.because.empty()) {
        refusal.reason += ": " + requirement.because;
    }
    return false;
}

}  // namespace sotto::search::language
