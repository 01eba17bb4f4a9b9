// SPDX-License-Identifier: Apache-2.0
#include "search/space/space_size.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include <xxhash.h>

#include "search/space/evaluator.hpp"

namespace sotto::search::language {
namespace {

constexpr std::size_t maximum_work = 500'000;

using State = std::vector<std::int64_t>;

struct StateHash {
    std::size_t operator()(const State& state) const noexcept {
        return static_cast<std::size_t>(XXH3_64bits(state.data(), state.size() * sizeof(std::int64_t)));
    }
};

// States and in how many ways they are reached. A state holds, for each live register, whether it is set and its value.
using Frontier = std::unordered_map<State, long double, StateHash>;

class Counter {
  public:
    explicit Counter(const Program& program)
        : program_(program), machine_(program), matters_(program.choice_steps.size()), last_read_(program.registers()) {
        find_what_matters();
    }

    std::optional<double> log10() {
        const std::size_t end = program_.choice_steps.size();
        Frontier frontier;
        frontier.emplace(State{}, 1.0L);
        std::vector<std::uint32_t> live;
        for (std::size_t at = 0; at <= end; ++at) {
            const auto waiting = waiting_.find(at);
            if (waiting != waiting_.end()) {
                for (const auto& [source, states] : waiting->second) {
                    merge(frontier, live, states, at);
                }
                waiting_.erase(waiting);
            }
            if (at == end) {
                break;
            }
            if (!advance(at, frontier, live)) {
                return std::nullopt;
            }
        }
        long double total = 0;
        for (const auto& [state, ways] : frontier) {
            total += ways;
        }
        if (total <= 0 || !std::isfinite(total)) {
            return std::nullopt;
        }
        return static_cast<double>(std::log10(total));
    }

  private:
    // States that jumped to a later step, with the registers they hold.
    struct Waiting {
        std::vector<std::uint32_t> live;
        Frontier frontier;
    };

    // Only choices count. A definition matters where one that matters reads it, a guard where it guards such a step.
    void find_what_matters() {
        const std::size_t end = program_.choice_steps.size();
        std::vector<std::size_t> mattering_after(end + 1);  // steps that matter, from this one on
        for (std::size_t at = end; at-- > 0;) {
            const ChoiceStep& step = program_.choice_steps[at];
            switch (step.kind) {
                case ChoiceStep::Kind::choice:
                    matters_[at] = true;
                    break;
                case ChoiceStep::Kind::evaluate:
                    matters_[at] = last_read_[step.index] > 0;
                    break;
                case ChoiceStep::Kind::guard:
                    matters_[at] = mattering_after[at + 1] > mattering_after[step.index];
                    break;
                case ChoiceStep::Kind::require:
                    break;
            }
            mattering_after[at] = mattering_after[at + 1] + (matters_[at] ? 1 : 0);
            if (matters_[at]) {
                note_reads(at);
            }
        }
    }

    void note_reads(std::size_t at) {
        const ChoiceStep& step = program_.choice_steps[at];
        note_value(step.value, at);
        if (step.kind != ChoiceStep::Kind::choice) {
            return;
        }
        const Choice& choice = program_.choices[step.index];
        if (choice.leader) {
            note_read(program_.choices[*choice.leader].reg, at);
        }
        for (const std::optional<Value>& condition : choice.conditions) {
            if (condition) {
                note_value(*condition, at);
            }
        }
    }

    void note_value(const Value& value, std::size_t at) {
        if (value.form == Value::Form::reg) {
            note_read(value.index, at);
        } else if (value.form == Value::Form::code) {
            for (const Instruction* code = program_.instructions.data() + value.index; code->op != Opcode::done;
                 ++code) {
                if (code->op == Opcode::load || code->op == Opcode::load_checked || code->op == Opcode::is_set) {
                    note_read(code->where, at);
                }
            }
        }
    }

    void note_read(std::uint32_t reg, std::size_t at) { last_read_[reg] = std::max(last_read_[reg], at + 1); }

    bool is_live(std::uint32_t reg, std::size_t after) const { return last_read_[reg] > after + 1; }

    void load(const State& state, const std::vector<std::uint32_t>& live) {
        std::fill(machine_.is_set.begin(), machine_.is_set.end(), std::uint8_t{0});
        for (std::size_t i = 0; i < live.size(); ++i) {
            if (state[2 * i] != 0) {
                machine_.set(live[i], state[2 * i + 1]);
            }
        }
        machine_.fault = {};
    }

    State save(const std::vector<std::uint32_t>& live) const {
        State state;
        state.reserve(2 * live.size());
        for (const std::uint32_t reg : live) {
            const bool set = machine_.is_set[reg] != 0;
            state.push_back(set ? 1 : 0);
            state.push_back(set ? machine_.registers[reg] : 0);
        }
        return state;
    }

    // Brings states that hold other registers into the frontier before step `at`: what either holds and is still read.
    void merge(Frontier& frontier, std::vector<std::uint32_t>& live, const Waiting& waiting, std::size_t at) {
        std::vector<std::uint32_t> both;
        std::set_union(live.begin(), live.end(), waiting.live.begin(), waiting.live.end(), std::back_inserter(both));
        both.erase(std::remove_if(both.begin(), both.end(), [&](std::uint32_t reg) { return last_read_[reg] <= at; }),
                   both.end());
        Frontier merged;
        for (const auto& [state, ways] : frontier) {
            load(state, live);
            merged[save(both)] += ways;
        }
        for (const auto& [state, ways] : waiting.frontier) {
            load(state, waiting.live);
            merged[save(both)] += ways;
        }
        frontier = std::move(merged);
        live = std::move(both);
    }

    bool advance(std::size_t at, Frontier& frontier, std::vector<std::uint32_t>& live) {
        const ChoiceStep& step = program_.choice_steps[at];
        if (!matters_[at]) {
            return true;
        }
        std::vector<std::uint32_t> next_live;
        for (const std::uint32_t reg : live) {
            if (is_live(reg, at)) {
                next_live.push_back(reg);
            }
        }
        const std::optional<std::uint32_t> written = written_register(step);
        if (written && is_live(*written, at)) {
            next_live.insert(std::lower_bound(next_live.begin(), next_live.end(), *written), *written);
        }
        Frontier next;
        for (const auto& [state, ways] : frontier) {
            load(state, live);
            step_from(step, at, ways, next_live, next);
        }
        work_ += frontier.size() * (1 + live.size() / 8) + next.size();
        frontier = std::move(next);
        live = std::move(next_live);
        return work_ < maximum_work;
    }

    std::optional<std::uint32_t> written_register(const ChoiceStep& step) const {
        switch (step.kind) {
            case ChoiceStep::Kind::choice:
                return program_.choices[step.index].reg;
            case ChoiceStep::Kind::evaluate:
                return step.index;
            default:
                return std::nullopt;
        }
    }

    // An expression without a value refuses the candidate: it counts no genome.
    void step_from(const ChoiceStep& step, std::size_t at, long double ways,
                   const std::vector<std::uint32_t>& next_live, Frontier& next) {
        switch (step.kind) {
            case ChoiceStep::Kind::choice:
                choose(step, at, ways, next_live, next);
                return;
            case ChoiceStep::Kind::evaluate: {
                const std::int64_t value = evaluate(program_, step.value, machine_);
                if (!machine_.fault) {
                    machine_.set(step.index, value);
                } else if (!step.may_be_unset || machine_.fault.kind != FaultKind::inactive) {
                    return;
                }
                break;
            }
            case ChoiceStep::Kind::guard: {
                const std::int64_t value = evaluate(program_, step.value, machine_);
                if (machine_.fault) {
                    return;
                }
                if (value == 0) {
                    // Guards with one target stand at different steps and so hold different registers.
                    Waiting& waiting = waiting_[step.index][at];
                    waiting.live = next_live;
                    waiting.frontier[save(next_live)] += ways;
                    return;
                }
                break;
            }
            case ChoiceStep::Kind::require:
                break;
        }
        next[save(next_live)] += ways;
    }

    void choose(const ChoiceStep& step, std::size_t at, long double ways, const std::vector<std::uint32_t>& next_live,
                Frontier& next) {
        const Choice& choice = program_.choices[step.index];
        if (step.conditional) {
            const std::int64_t condition = evaluate(program_, step.value, machine_);
            if (machine_.fault) {
                return;
            }
            if (condition == 0) {
                if (step.otherwise) {
                    machine_.set(choice.reg, *step.otherwise);
                }
                next[save(next_live)] += ways;
                return;
            }
        }
        if (choice.leader) {
            const std::uint32_t leader = program_.choices[*choice.leader].reg;
            if (machine_.is_set[leader] == 0) {
                return;
            }
            machine_.set(choice.reg, machine_.registers[leader]);
            next[save(next_live)] += ways;
            return;
        }
        long double allowed = 0;
        const bool live = is_live(choice.reg, at);
        for (std::size_t i = 0; i < choice.values.size(); ++i) {
            if (!choice.conditions.empty() && choice.conditions[i]) {
                const bool holds = evaluate(program_, *choice.conditions[i], machine_) != 0;
                const bool fault = static_cast<bool>(machine_.fault);
                machine_.fault = {};
                if (!holds || fault) {
                    continue;
                }
            }
            if (!live) {
                allowed += 1;
                continue;
            }
            machine_.set(choice.reg, choice.values[i]);
            next[save(next_live)] += ways;
            machine_.is_set[choice.reg] = 0;
        }
        if (allowed > 0) {
            next[save(next_live)] += ways * allowed;
        }
    }

    const Program& program_;
    Machine machine_;
    std::vector<bool> matters_;                                      // per step
    std::vector<std::size_t> last_read_;                             // step + 1; 0: never read
    std::map<std::size_t, std::map<std::size_t, Waiting>> waiting_;  // by target, then source
    std::size_t work_ = 0;
};

double upper_bound(const Program& program) {
    double sum = 0;
    for (const Choice& choice : program.choices) {
        if (!choice.leader) {
            sum += std::log10(static_cast<double>(choice.values.size()));
        }
    }
    return sum;
}

}  // namespace

double log10_genomes(const Program& program) {
    return Counter(program).log10().value_or(upper_bound(program));
}

}  // namespace sotto::search::language
