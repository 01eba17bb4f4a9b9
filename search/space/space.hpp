// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/arch/network.hpp"
#include "engine/input/yaml_document.hpp"
#include "search/space/genome.hpp"
#include "search/strategy/variation.hpp"

namespace sotto::search {

/// Why a genome gives no network: the layer and its shapes, or the constraint with its value and limit.
struct Rejection {
    std::string reason;
};

/// A choice of the space, as a person wrote it. Valid as long as the space.
struct ChoiceView {
    std::string_view name;                      ///< unique: `fire[3].squeeze_ratio` for a choice inside a repeat
    std::span<const std::string> alternatives;  ///< as text, index = gene value
};

/// A search space, compiled from its YAML form (docs/search_spaces.md): genomes and what they decode to.
/// Immutable after loading; const functions from any number of threads.
class Space final : public Variation {
  public:
    /// Throws input::InputError: file, line, found, expected, nearest name; also where no sampled genome gives a valid
    /// network, with the most frequent reason, and where the baseline is not a member.
    static Space load_file(const std::string& path);
    static Space load(const input::YamlValue& document);

    Space(Space&&) noexcept;
    Space& operator=(Space&&) noexcept;
    ~Space() override;

    const std::string& name() const;
    std::size_t gene_count() const;
    ChoiceView choice(std::size_t gene) const;

    /// log10 of the number of distinct genomes (inactive genes not counted), constraints and duplicate networks not
    /// taken off.
    double log10_size() const;

    /// Hands every distinct genome to `use`, in a fixed order, until it returns false. Those that a
    /// requirement on choices refuses are left out; some of the others may decode to no network. Takes time in
    /// proportion to the number of genomes: look at log10_size first.
    void for_each_genome(const std::function<bool(const Genome&)>& use) const;

    /// The genome of the space's `baseline:`, where it has one.
    const std::optional<Genome>& baseline() const;

    /// Scratch space for decode; one per thread, reused.
    class Decoder {
      public:
        explicit Decoder(const Space& space);
        Decoder(Decoder&&) noexcept;
        ~Decoder();

        /// The network of a genome, valid until the next call, or why there is none. Throws std::invalid_argument for a
        /// genome of another length or with a gene out of range.
        const arch::Network* decode(const Genome& genome, Rejection& rejection);

      private:
        struct State;
        std::unique_ptr<State> state_;
    };

    /// Sets inactive genes to 0 and makes tied genes equal.
    Genome normalized(Genome genome) const;

    /// `stem.channels=64 fires=8 fire[0].squeeze=16 ...`: active genes in order; and back. parse throws
    /// input::InputError.
    std::string to_text(const Genome& genome) const;
    Genome parse_genome(const std::string& text) const;

    // Variation: tries a bounded number of times (200) and throws NoValidGenome with the most frequent reason.
    std::vector<std::uint32_t> levels() const override;
    Genome sample(random::Stream& stream) const override;
    Genome mutate(const Genome& parent, random::Stream& stream) const override;
    std::vector<Change> changes(const Genome& parent) const override;
    std::optional<Genome> apply(const Genome& parent, const Change& change, random::Stream& stream) const override;
    std::optional<Genome> apply_unchecked(const Genome& parent, const Change& change,
                                          random::Stream& stream) const override;
    Genome crossover(const Genome& first, const Genome& second, random::Stream& stream) const override;

  private:
    struct Compiled;
    explicit Space(std::unique_ptr<Compiled> compiled);
    std::unique_ptr<Compiled> compiled_;
};

}  // namespace sotto::search
