// SPDX-License-Identifier: Apache-2.0
#include "search/space/genome_text.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "search/space/names.hpp"

namespace sotto::search::language {
namespace {

using input::InputError;
using input::SourceLocation;

// Matches `fire[*].x` with `fire[3].x`; `iteration` is what the first star stands for.
bool matches(std::string_view pattern, std::string_view name, std::size_t& iteration) {
    bool first = true;
    while (!pattern.empty()) {
        if (!pattern.starts_with("[*]")) {
            if (name.empty() || name.front() != pattern.front()) {
                return false;
            }
            pattern.remove_prefix(1);
            name.remove_prefix(1);
            continue;
        }
        const std::size_t close = name.find(']');
        if (name.empty() || name.front() != '[' || close == std::string_view::npos) {
            return false;
        }
        if (first) {
            iteration = 0;
            for (const char digit : name.substr(1, close - 1)) {
                iteration = 10 * iteration + static_cast<std::size_t>(digit - '0');
            }
            first = false;
        }
        pattern.remove_prefix(3);
        name.remove_prefix(close + 1);
    }
    return name.empty();
}

std::size_t count_stars(std::string_view name) {
    return static_cast<std::size_t>(std::count(name.begin(), name.end(), '*'));
}

int alternative_of(const Choice& choice, const std::string& text, const SourceLocation& location) {
    const auto found = std::find(choice.texts.begin(), choice.texts.end(), text);
    if (found != choice.texts.end()) {
        return static_cast<int>(found - choice.texts.begin());
    }
    const std::vector<std::string_view> known(choice.texts.begin(), choice.texts.end());
    throw InputError({location, "a value that choice '" + choice.name + "' does not have", quoted(text),
                      list_some(std::set<std::string_view>(known.begin(), known.end())),
                      std::string(input::nearest_name(text, known))});
}

// What the assignments give each gene; the walk asks only for the active ones.
class Assigned final : public ChoiceWalk::Decider {
  public:
    Assigned(const Program& program, const std::vector<Assignment>& assignments, const SourceLocation& location,
             const std::string& what)
        : program_(program),
          assignments_(assignments),
          location_(location),
          what_(what),
          source_(program.choices.size()),
          used_(assignments.size()) {
        std::unordered_map<std::string_view, std::size_t> gene_of;
        for (std::size_t gene = 0; gene < program.choices.size(); ++gene) {
            gene_of.emplace(program.choices[gene].name, gene);
        }
        for (std::size_t index = 0; index < assignments.size(); ++index) {
            const std::string& name = assignments[index].name;
            if (count_stars(name) > 0) {
                match_pattern(index);
                continue;
            }
            const auto found = gene_of.find(name);
            if (found == gene_of.end()) {
                unknown(index);
            }
            give(found->second, index, 0);
        }
    }

    int decide(const ChoiceWalk& /*walk*/, std::uint32_t gene) override {
        const Choice& choice = program_.choices[gene];
        if (!source_[gene]) {
            throw InputError({location_,
                              what_ + " gives no value to an active choice",
                              {},
                              "a value for '" + choice.name + "' (" +
                                  list_some(std::set<std::string_view>(choice.texts.begin(), choice.texts.end())) + ')',
                              {}});
        }
        return value_of(gene);
    }

    // After the walk: tied choices agree with their leaders, and nothing was given in vain.
    void check(const ChoiceWalk& walk) {
        for (std::uint32_t gene = 0; gene < program_.choices.size(); ++gene) {
            if (!source_[gene]) {
                continue;
            }
            const Choice& choice = program_.choices[gene];
            const Assignment& assignment = assignments_[source_[gene]->index];
            if (!walk.is_active(gene)) {
                if (count_stars(assignment.name) == 0) {
                    throw InputError({assignment.location,
                                      what_ + " gives a value to a choice that is not active",
                                      quoted(choice.name),
                                      "values for active choices alone",
                                      {}});
                }
                continue;
            }
            const int value = value_of(gene);
            if (choice.leader && value != walk.genome().genes[*choice.leader]) {
                throw InputError({assignment.location,
                                  "the tied choice '" + choice.name + "' differs from '" +
                                      program_.choices[*choice.leader].name + '\'',
                                  quoted(choice.texts[static_cast<std::size_t>(value)]),
                                  quoted(choice.texts[static_cast<std::size_t>(walk.genome().genes[*choice.leader])]),
                                  {}});
            }
        }
        check_used(walk);
    }

  private:
    struct Source {
        std::size_t index = 0;      // assignment
        std::size_t iteration = 0;  // into its list
    };

    void match_pattern(std::size_t index) {
        bool any = false;
        for (std::size_t gene = 0; gene < program_.choices.size(); ++gene) {
            std::size_t iteration = 0;
            if (matches(assignments_[index].name, program_.choices[gene].name, iteration)) {
                any = true;
                give(gene, index, iteration);
            }
        }
        if (!any) {
            unknown(index);
        }
    }

    [[noreturn]] void unknown(std::size_t index) const {
        std::set<std::string_view> names;
        for (const Choice& choice : program_.choices) {
            names.insert(choice.name);
        }
        unknown_name(assignments_[index].location, what_ + " names an unknown choice", assignments_[index].name,
                     "a choice", names);
    }

    // The assignment with fewer stars wins; two with as many contradict each other.
    void give(std::size_t gene, std::size_t index, std::size_t iteration) {
        std::optional<Source>& source = source_[gene];
        const std::size_t stars = count_stars(assignments_[index].name);
        if (source) {
            const std::size_t other = count_stars(assignments_[source->index].name);
            if (other < stars) {
                return;
            }
            if (other == stars) {
                throw InputError({assignments_[index].location,
                                  what_ + " gives a choice two values",
                                  quoted(program_.choices[gene].name),
                                  "one",
                                  {}});
            }
        }
        source = Source{index, iteration};
    }

    int value_of(std::uint32_t gene) {
        const Source& source = *source_[gene];
        const Assignment& assignment = assignments_[source.index];
        used_[source.index] = std::max(used_[source.index], source.iteration + 1);
        const std::size_t at = assignment.is_list ? source.iteration : 0;
        if (at >= assignment.values.size()) {
            throw InputError({assignment.location,
                              what_ + " gives too few values",
                              std::to_string(assignment.values.size()),
                              "one for '" + program_.choices[gene].name + "' too",
                              {}});
        }
        return alternative_of(program_.choices[gene], assignment.values[at], assignment.value_locations[at]);
    }

    void check_used(const ChoiceWalk& /*walk*/) const {
        for (std::size_t index = 0; index < assignments_.size(); ++index) {
            const Assignment& assignment = assignments_[index];
            if (count_stars(assignment.name) == 0) {
                continue;
            }
            if (used_[index] == 0) {
                throw InputError({assignment.location,
                                  what_ + " gives a value to a choice that is not active",
                                  quoted(assignment.name),
                                  "values for active choices alone",
                                  {}});
            }
            if (assignment.is_list && assignment.values.size() > used_[index]) {
                throw InputError({assignment.location,
                                  what_ + " gives too many values",
                                  std::to_string(assignment.values.size()),
                                  std::to_string(used_[index]),
                                  {}});
            }
        }
    }

    const Program& program_;
    const std::vector<Assignment>& assignments_;
    const SourceLocation& location_;
    const std::string& what_;
    std::vector<std::optional<Source>> source_;  // per gene
    std::vector<std::size_t> used_;              // per assignment: iterations that were asked for
};

}  // namespace

std::string genome_text(const ChoiceWalk& walk) {
    std::string text;
    for (std::uint32_t gene = 0; gene < walk.program().choices.size(); ++gene) {
        if (!walk.is_active(gene)) {
            continue;
        }
        const Choice& choice = walk.program().choices[gene];
        text += text.empty() ? "" : " ";
        text += choice.name;
        text += '=';
        text += choice.texts[static_cast<std::size_t>(walk.genome().genes[gene])];
    }
    return text;
}

std::vector<Assignment> read_baseline(const input::YamlValue& baseline) {
    std::vector<Assignment> assignments;
    for (const input::YamlValue::Entry& entry : baseline.entries("baseline")) {
        Assignment assignment;
        assignment.name = entry.key;
        assignment.location = entry.key_location;
        assignment.is_list = entry.value.kind() == input::YamlValue::Kind::sequence;
        const std::vector<input::YamlValue> items =
            assignment.is_list ? entry.value.items("baseline") : std::vector<input::YamlValue>{entry.value};
        for (const input::YamlValue& item : items) {
            assignment.values.push_back(read_literal(item, "value of '" + entry.key + "'").text);
            assignment.value_locations.push_back(item.location());
        }
        if (assignment.is_list && count_stars(assignment.name) != 1) {
            entry.value.fail("a list of values for one choice", "one value, or '[*]' in the name");
        }
        assignments.push_back(std::move(assignment));
    }
    return assignments;
}

std::vector<Assignment> split_genome_text(const std::string& text) {
    std::vector<Assignment> assignments;
    std::size_t at = 0;
    while ((at = text.find_first_not_of(" \t\n", at)) != std::string::npos) {
        const std::size_t end = std::min(text.find_first_of(" \t\n", at), text.size());
        const std::string item = text.substr(at, end - at);
        const std::size_t equals = item.find('=');
        const SourceLocation location{"genome", 1, static_cast<int>(at) + 1};
        if (equals == std::string::npos || equals == 0 || equals + 1 == item.size()) {
            throw InputError(
                {location, "a genome has an entry that cannot be read", quoted(item), "'choice=value'", {}});
        }
        Assignment assignment;
        assignment.name = item.substr(0, equals);
        assignment.values.push_back(item.substr(equals + 1));
        assignment.location = location;
        assignment.value_locations.push_back(location);
        assignments.push_back(std::move(assignment));
        at = end;
    }
    return assignments;
}

Genome assign(ChoiceWalk& walk, const std::vector<Assignment>& assignments, const SourceLocation& location,
              const std::string& what) {
    Assigned assigned(walk.program(), assignments, location, what);
    Refusal refusal;
    if (!walk.run(assigned, refusal)) {
        throw InputError({location, what + " is not a member of the space: " + refusal.reason, {}, {}, {}});
    }
    assigned.check(walk);
    return walk.genome();
}

}  // namespace sotto::search::language
