// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "search/space/evaluator.hpp"
#include "search/space/genome.hpp"
#include "search/space/program.hpp"
#include "search/space/refusal.hpp"

namespace sotto::search::language {

/// Runs the choice steps of a program: finds which genes are active and fills the registers. Reusable scratch space.
class ChoiceWalk {
  public:
    /// Decides the gene of an active choice that is not tied.
    class Decider {
      public:
        virtual ~Decider() = default;
        /// The alternative taken; negative: none is possible.
        virtual int decide(const ChoiceWalk& walk, std::uint32_t gene) = 0;
    };

    explicit ChoiceWalk(const Program& program);

    /// False, with the reason, where the choices are no candidate (a requirement, an alternative whose condition does
    /// not hold, an expression without a value).
    bool run(Decider& decider, Refusal& refusal);

    /// Of the last run: genes, 0 where inactive.
    const Genome& genome() const noexcept { return genome_; }
    bool is_active(std::uint32_t gene) const { return active_[gene] != 0; }

    /// Whether the alternative's condition holds, while `gene` is being decided.
    bool allows(std::uint32_t gene, std::size_t alternative) const;
    std::size_t count_allowed(std::uint32_t gene) const;
    /// The `which`-th alternative that is allowed.
    int nth_allowed(std::uint32_t gene, std::size_t which) const;

    const Program& program() const noexcept { return program_; }
    Machine& machine() noexcept { return machine_; }

  private:
    bool take(const ChoiceStep& step, Decider& decider, Refusal& refusal);
    bool fault(Refusal& refusal, const std::string& what, const input::SourceLocation* location);

    const Program& program_;
    mutable Machine machine_;
    Genome genome_;
    std::vector<std::uint8_t> active_;
};

/// `'fire[0].width' has no value`: what is said of a register that an expression could not fill.
std::string without_value(const Program& program, std::uint32_t reg);

/// True where the requirement holds; else false with its text and the values of its sides.
bool holds(const Program& program, const Requirement& requirement, Machine& machine, Refusal& refusal);

/// Takes the genes as they are.
class GivenGenes final : public ChoiceWalk::Decider {
  public:
    explicit GivenGenes(const Genome& genome) : genome_(genome) {}
    int decide(const ChoiceWalk& /*walk*/, std::uint32_t gene) override { return genome_.genes[gene]; }

  private:
    const Genome& genome_;
};

}  // namespace sotto::search::language
