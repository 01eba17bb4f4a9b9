// SPDX-License-Identifier: Apache-2.0
#include "search/space/space.hpp"

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "search/space/assembler.hpp"
#include "search/space/choice_walk.hpp"
#include "search/space/compiler.hpp"
#include "search/space/enumerated_genes.hpp"
#include "search/space/genome_text.hpp"
#include "search/space/program.hpp"
#include "search/space/space_size.hpp"
#include "search/space/space_template.hpp"
#include "search/space/variation_operators.hpp"
#include "search/space/workspace_pool.hpp"

namespace sotto::search {
namespace {

using input::InputError;
using input::YamlValue;
using language::Refusal;

constexpr int most_tries = 200;
// Steps that loading may spend on looking for a valid network.
constexpr std::size_t most_steps_at_load = 4'000'000;
constexpr int least_tries_at_load = 8;
constexpr int usual_tries_at_load = 64;

// Counts refusals by the line that refused.
class Refusals {
  public:
    void add(Refusal refusal) {
        Entry& entry = entries_[refusal.location];
        if (entry.count++ == 0) {
            entry.refusal = std::move(refusal);
        }
        ++total_;
    }

    int total() const noexcept { return total_; }

    const Refusal& most_frequent() const { return most()->second.refusal; }

    std::string text() const {
        if (entries_.empty()) {
            return "no try was made";
        }
        return "no valid network in " + std::to_string(total_) + " tries; most often (" +
               std::to_string(most()->second.count) + " times): " + most()->second.refusal.reason;
    }

  private:
    struct Entry {
        int count = 0;
        Refusal refusal;
    };

    std::map<const input::SourceLocation*, Entry>::const_iterator most() const {
        return std::max_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
            // Addresses decide nothing: of equally frequent ones the earlier in the file.
            return a.second.count != b.second.count
                       ? a.second.count < b.second.count
                       : (a.first != nullptr && b.first != nullptr && a.first->line > b.first->line);
        });
    }

    std::map<const input::SourceLocation*, Entry> entries_;
    int total_ = 0;
};

}  // namespace

struct Space::Compiled {
    language::Program program;
    std::optional<Genome> baseline;

    // Scratch space for the variation operators, which are const and called from any thread.
    struct Workspace {
        language::ChoiceWalk walk;
        language::Assembler assembler;
        std::optional<language::Parent> parent;  // the last one asked for: many children of one come in a row

        explicit Workspace(const language::Program& program) : walk(program), assembler(program) {}
    };

    double size() const {
        std::call_once(size_once, [this] { log10_size = language::log10_genomes(program); });
        return log10_size;
    }

    void check_genome(const Genome& genome) const {
        if (genome.genes.size() != program.choices.size()) {
            throw std::invalid_argument("a genome of " + std::to_string(genome.genes.size()) +
                                        " genes for a space of " + std::to_string(program.choices.size()));
        }
        for (std::size_t gene = 0; gene < genome.genes.size(); ++gene) {
            const Gene value = genome.genes[gene];
            if (value < 0 || static_cast<std::size_t>(value) >= program.choices[gene].values.size()) {
                throw std::invalid_argument("gene " + program.choices[gene].name + " is " + std::to_string(value) +
                                            ", not from 0 to " +
                                            std::to_string(program.choices[gene].values.size() - 1));
            }
        }
    }

    mutable WorkspacePool<Workspace> workspaces;
    mutable std::once_flag size_once;
    mutable double log10_size = 0;
};

namespace {

// A workspace for the time of one call.
template <typename Compiled>
class Borrowed {
  public:
    explicit Borrowed(const Compiled& compiled)
        : compiled_(compiled), workspace_(compiled.workspaces.borrow(compiled.program)) {}

    language::ChoiceWalk& walk() { return workspace_->walk; }

    // Whether the decider's genes give a network.
    bool attempt(language::ChoiceWalk::Decider& decider, Refusal& refusal) {
        return workspace_->walk.run(decider, refusal) &&
               workspace_->assembler.build(workspace_->walk.machine(), refusal) != nullptr;
    }

    // Genes and activity of a genome.
    language::Parent parent(const Genome& genome) {
        if (!workspace_->parent || workspace_->parent->genome != genome) {
            compiled_.check_genome(genome);
            language::GivenGenes given(genome);
            Refusal refusal;
            if (!workspace_->walk.run(given, refusal)) {
                throw NoValidGenome("a parent is no member of the space: " + refusal.reason);
            }
            workspace_->parent.emplace(workspace_->walk);
        }
        return *workspace_->parent;
    }

  private:
    const Compiled& compiled_;
    typename WorkspacePool<typename Compiled::Workspace>::Lease workspace_;
};

// The parent with one change; nothing where that is no genome, the parent itself, or, where it has to decode, no
// network.
template <typename Compiled>
std::optional<Genome> changed(const Compiled& compiled, const Genome& parent, const Change& change,
                              random::Stream& stream, bool has_to_decode) {
    Borrowed borrowed(compiled);
    const language::Parent known = borrowed.parent(parent);
    language::ChangedGenes genes(compiled.program, known, change, stream);
    Refusal refusal;
    const bool is_valid = has_to_decode ? borrowed.attempt(genes, refusal) : borrowed.walk().run(genes, refusal);
    if (!is_valid || borrowed.walk().genome() == known.genome) {
        return std::nullopt;
    }
    return borrowed.walk().genome();
}

// Loading answers a template that gives no network at the line that refuses it.
template <typename Compiled>
void check_gives_networks(const Compiled& compiled, const input::SourceLocation& location) {
    const std::size_t steps = 1 + compiled.program.choice_steps.size() + compiled.program.layer_steps.size();
    const int tries =
        static_cast<int>(std::clamp<std::size_t>(most_steps_at_load / steps, least_tries_at_load, most_tries));
    Borrowed borrowed(compiled);
    Refusals refusals;
    for (int i = 0; i < tries && (i < usual_tries_at_load || refusals.total() == i); ++i) {
        random::Stream stream(0, 0, static_cast<std::uint32_t>(i), random::Purpose::random_sample);
        language::UniformGenes uniform(stream);
        Refusal refusal;
        if (borrowed.attempt(uniform, refusal)) {
            continue;
        }
        if (refusal.fault) {
            throw InputError({refusal.location != nullptr ? *refusal.location : location,
                              "an expression has no value for some choices: " + refusal.reason,
                              {},
                              {},
                              {}});
        }
        refusals.add(std::move(refusal));
    }
    if (refusals.total() == tries) {
        const Refusal& refusal = refusals.most_frequent();
        throw InputError({refusal.location != nullptr ? *refusal.location : location,
                          refusals.text(),
                          {},
                          "a template that gives valid networks",
                          {}});
    }
}

}  // namespace

Space::Space(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Space::Space(Space&&) noexcept = default;
Space& Space::operator=(Space&&) noexcept = default;
Space::~Space() = default;

Space Space::load_file(const std::string& path) {
    const YamlValue document = input::read_yaml_file(path);
    return load(document.require("the configuration", "space"));
}

Space Space::load(const YamlValue& document) {
    if (document.kind() == YamlValue::Kind::scalar) {
        const std::filesystem::path directory = std::filesystem::path(document.location().file).parent_path();
        const std::string path = (directory / document.as_text("space")).string();
        const YamlValue other = input::read_yaml_file(path);
        const YamlValue space = other.require("the file of a space", "space");
        if (space.kind() == YamlValue::Kind::scalar) {
            space.fail("the file of a space names another file", "a mapping with 'input' and 'layers'");
        }
        return load(space);
    }
    const language::SpaceTemplate space = language::read_space_template(document);
    auto compiled = std::make_unique<Compiled>();
    compiled->program = language::compile(space);
    check_gives_networks(*compiled, space.location);
    if (space.baseline) {
        Borrowed borrowed(*compiled);
        const input::SourceLocation location = space.baseline->location();
        compiled->baseline =
            language::assign(borrowed.walk(), language::read_baseline(*space.baseline), location, "the baseline");
        language::GivenGenes given(*compiled->baseline);
        Refusal refusal;
        if (!borrowed.attempt(given, refusal)) {
            throw InputError({location, "the baseline is not a member of the space: " + refusal.reason, {}, {}, {}});
        }
    }
    return Space(std::move(compiled));
}

const std::string& Space::name() const {
    return compiled_->program.name;
}

std::size_t Space::gene_count() const {
    return compiled_->program.choices.size();
}

ChoiceView Space::choice(std::size_t gene) const {
    assert(gene < gene_count());
    const language::Choice& choice = compiled_->program.choices[gene];
    return {choice.name, choice.texts};
}

double Space::log10_size() const {
    return compiled_->size();
}

void Space::for_each_genome(const std::function<bool(const Genome&)>& use) const {
    Borrowed borrowed(*compiled_);
    language::EnumeratedGenes genes;
    do {
        Refusal refusal;
        genes.restart();
        if (borrowed.walk().run(genes, refusal) && !use(borrowed.walk().genome())) {
            return;
        }
    } while (genes.advance());
}

const std::optional<Genome>& Space::baseline() const {
    return compiled_->baseline;
}

Genome Space::normalized(Genome genome) const {
    compiled_->check_genome(genome);
    Borrowed borrowed(*compiled_);
    language::GivenGenes given(genome);
    Refusal refusal;
    if (borrowed.walk().run(given, refusal)) {
        return borrowed.walk().genome();
    }
    return genome;
}

std::string Space::to_text(const Genome& genome) const {
    compiled_->check_genome(genome);
    Borrowed borrowed(*compiled_);
    language::GivenGenes given(genome);
    Refusal refusal;
    if (!borrowed.walk().run(given, refusal)) {
        throw std::invalid_argument("a genome that is no member of the space: " + refusal.reason);
    }
    return language::genome_text(borrowed.walk());
}

Genome Space::parse_genome(const std::string& text) const {
    Borrowed borrowed(*compiled_);
    return language::assign(borrowed.walk(), language::split_genome_text(text), {"genome", 1, 0}, "the genome");
}

std::vector<std::uint32_t> Space::levels() const {
    std::vector<std::uint32_t> levels;
    for (const language::Choice& choice : compiled_->program.choices) {
        levels.push_back(static_cast<std::uint32_t>(choice.values.size()));
    }
    return levels;
}

Genome Space::sample(random::Stream& stream) const {
    Borrowed borrowed(*compiled_);
    Refusals refusals;
    for (int i = 0; i < most_tries; ++i) {
        language::UniformGenes uniform(stream);
        Refusal refusal;
        if (borrowed.attempt(uniform, refusal)) {
            return borrowed.walk().genome();
        }
        refusals.add(std::move(refusal));
    }
    throw NoValidGenome(refusals.text());
}

Genome Space::mutate(const Genome& parent, random::Stream& stream) const {
    Borrowed borrowed(*compiled_);
    const language::Parent known = borrowed.parent(parent);
    Refusals refusals;
    for (int i = 0; i < most_tries; ++i) {
        language::MutatedGenes mutated(compiled_->program, known, stream);
        if (!mutated.can_change()) {
            throw NoValidGenome("no active choice has another alternative");
        }
        Refusal refusal;
        if (!borrowed.attempt(mutated, refusal)) {
            refusals.add(std::move(refusal));
        } else if (borrowed.walk().genome() != known.genome) {
            return borrowed.walk().genome();
        } else {
            refusals.add({"the mutation changed nothing", nullptr, false});
        }
    }
    throw NoValidGenome(refusals.text());
}

std::vector<Change> Space::changes(const Genome& parent) const {
    Borrowed borrowed(*compiled_);
    return language::single_changes(compiled_->program, borrowed.parent(parent));
}

std::optional<Genome> Space::apply(const Genome& parent, const Change& change, random::Stream& stream) const {
    return changed(*compiled_, parent, change, stream, true);
}

std::optional<Genome> Space::apply_unchecked(const Genome& parent, const Change& change, random::Stream& stream) const {
    return changed(*compiled_, parent, change, stream, false);
}

Genome Space::crossover(const Genome& first, const Genome& second, random::Stream& stream) const {
    Borrowed borrowed(*compiled_);
    const language::Parent one = borrowed.parent(first);
    const language::Parent other = borrowed.parent(second);
    Refusals refusals;
    for (int i = 0; i < most_tries; ++i) {
        language::CrossedGenes crossed(compiled_->program, one, other, stream);
        Refusal refusal;
        if (borrowed.attempt(crossed, refusal)) {
            return borrowed.walk().genome();
        }
        refusals.add(std::move(refusal));
    }
    throw NoValidGenome(refusals.text());
}

struct Space::Decoder::State {
    const Compiled& compiled;
    language::ChoiceWalk walk;
    language::Assembler assembler;

    explicit State(const Compiled& space) : compiled(space), walk(space.program), assembler(space.program) {}
};

Space::Decoder::Decoder(const Space& space) : state_(std::make_unique<State>(*space.compiled_)) {}
Space::Decoder::Decoder(Decoder&&) noexcept = default;
Space::Decoder::~Decoder() = default;

const arch::Network* Space::Decoder::decode(const Genome& genome, Rejection& rejection) {
    state_->compiled.check_genome(genome);
    language::GivenGenes given(genome);
    Refusal refusal;
    if (state_->walk.run(given, refusal)) {
        if (const arch::Network* const network = state_->assembler.build(state_->walk.machine(), refusal)) {
            return network;
        }
    }
    rejection.reason = std::move(refusal.reason);
    return nullptr;
}

}  // namespace sotto::search
