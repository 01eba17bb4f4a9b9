// SPDX-License-Identifier: Apache-2.0
#include "search/space/repeated_genes.hpp"

#include <map>
#include <string_view>
#include <utility>

namespace sotto::search::language {

std::vector<Repeat> genes_of_repeats(std::span<const RepeatedPart> parts, std::span<const Choice> choices) {
    std::map<std::string_view, std::uint32_t> by_name;
    for (std::uint32_t gene = 0; gene < choices.size(); ++gene) {
        by_name.emplace(choices[gene].name, gene);
    }
    std::vector<Repeat> repeats;
    for (const RepeatedPart& part : parts) {
        Repeat repeat{part.count_gene, {}};
        std::map<std::string, std::size_t> columns;  // of the names behind `path[i].`
        std::vector<std::vector<std::pair<std::size_t, std::uint32_t>>> found(static_cast<std::size_t>(part.most));
        for (std::size_t i = 0; i < found.size(); ++i) {
            const std::string prefix = part.path + '[' + std::to_string(i) + "].";
            for (auto at = by_name.lower_bound(prefix); at != by_name.end() && at->first.starts_with(prefix); ++at) {
                const auto column = columns.emplace(at->first.substr(prefix.size()), columns.size()).first;
                found[i].emplace_back(column->second, at->second);
            }
        }
        if (columns.empty()) {
            continue;
        }
        for (const auto& genes : found) {
            std::vector<std::uint32_t>& row = repeat.iterations.emplace_back(columns.size(), Repeat::no_gene);
            for (const auto& [column, gene] : genes) {
                row[column] = gene;
            }
        }
        repeats.push_back(std::move(repeat));
    }
    return repeats;
}

}  // namespace sotto::search::language
