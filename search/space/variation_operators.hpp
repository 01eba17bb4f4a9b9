// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engine/random/random.hpp"
#include "search/space/choice_walk.hpp"
#include "search/strategy/variation.hpp"

namespace sotto::search::language {

/// Every active choice uniform over the alternatives that are possible, from the top down.
class UniformGenes final : public ChoiceWalk::Decider {
  public:
    explicit UniformGenes(random::Stream& stream) : stream_(stream) {}
    int decide(const ChoiceWalk& walk, std::uint32_t gene) override;

  private:
    random::Stream& stream_;
};

/// A genome and which of its genes are active, as a walk found them.
struct Parent {
    Genome genome;
    std::vector<std::uint8_t> active;

    explicit Parent(const ChoiceWalk& walk);
};

/// One to three active genes of the parent changed (1.5 on average), the others kept; what becomes active is uniform.
/// A gene whose alternatives are ordered moves to a neighbour half of the time; one that counts iterations moves by one
/// or two steps.
class MutatedGenes final : public ChoiceWalk::Decider {
  public:
    MutatedGenes(const Program& program, const Parent& parent, random::Stream& stream);
    int decide(const ChoiceWalk& walk, std::uint32_t gene) override;

    /// Whether the parent has an active gene with another alternative.
    bool can_change() const noexcept { return can_change_; }

  private:
    int changed(const ChoiceWalk& walk, std::uint32_t gene);

    const Parent& parent_;
    random::Stream& stream_;
    std::vector<std::uint8_t> changes_;  // per gene
    bool can_change_ = false;
};

/// Every change of a single gene or iteration that the parent's activity allows: genes in ascending order with their
/// other alternatives, then the repeated parts.
std::vector<Change> single_changes(const Program& program, const Parent& parent);

/// The parent with one change. A gene that becomes active, or whose alternative is not possible any more, is uniform.
class ChangedGenes final : public ChoiceWalk::Decider {
  public:
    ChangedGenes(const Program& program, const Parent& parent, const Change& change, random::Stream& stream);
    int decide(const ChoiceWalk& walk, std::uint32_t gene) override;

  private:
    void move_iterations(const Program& program, const Parent& parent, const Change& change);

    Parent edited_;
    std::uint32_t changed_ = Repeat::no_gene;  // the gene that has to be as it was asked for
    random::Stream& stream_;
};

/// Each gene from either parent; half of the time whole iterations and block instances come from one. A gene that its
/// parent does not have, or whose alternative is not possible here, comes from the other, or is uniform.
class CrossedGenes final : public ChoiceWalk::Decider {
  public:
    CrossedGenes(const Program& program, const Parent& first, const Parent& second, random::Stream& stream);
    int decide(const ChoiceWalk& walk, std::uint32_t gene) override;

  private:
    const Parent& first_;
    const Parent& second_;
    random::Stream& stream_;
    std::vector<std::uint8_t> from_second_;  // per gene
};

}  // namespace sotto::search::language
