// SPDX-License-Identifier: Apache-2.0
// configs/nasbench201_space.yaml: how many of the 15,625 genomes give different networks, beside the published count of
// 6,466 topologies. The steps from one to the other are rules on cells alone, written here without the engine.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/counts.hpp"
#include "search/space/space.hpp"
#include "tests/support/catch.hpp"

namespace sotto::search {
namespace {

// In the order of the space's choices: an edge from -> to for each gene, an operation for each of its values.
constexpr std::array<std::array<std::size_t, 2>, 6> edges{{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}}};
enum Operation : std::size_t { none, skip, conv1x1, conv3x3, pool };
using Cell = std::array<std::size_t, 6>;

Cell cell_of(std::size_t number) {
    Cell cell{};
    for (std::size_t& operation : cell) {
        operation = number % 5;
        number /= 5;
    }
    return cell;
}

// The published rule (Dong and Yang, 2020, section 2 and the authors' code for isomorphic cells): a node is written as
// the sorted sum of its edges. A skip is written as what it carries, an edge that is none or carries nothing as '#'.
std::string published_text(const Cell& cell, bool are_zeros_known) {
    std::array<std::string, 4> nodes{"0"};
    for (std::size_t node = 1; node < 4; ++node) {
        std::vector<std::string> terms;
        for (std::size_t edge = 0; edge < edges.size(); ++edge) {
            if (edges[edge][1] != node) {
                continue;
            }
            const std::string& from = nodes[edges[edge][0]];
            if (are_zeros_known && (cell[edge] == none || from == "#")) {
                terms.emplace_back("#");
            } else if (cell[edge] == skip) {
                terms.push_back(from);
            } else {
                terms.push_back('(' + from + ")@" + std::to_string(cell[edge]));
            }
        }
        std::sort(terms.begin(), terms.end());
        for (const std::string& term : terms) {
            nodes[node] += (nodes[node].empty() ? "" : "+") + term;
        }
    }
    return nodes[3];
}

// The same with zeros left out of sums: a node that only zeros reach is zero (empty text). `grouped` keeps a sum that
// is carried into another sum apart from it.
std::string text_without_zeros(const Cell& cell, bool grouped) {
    std::array<std::string, 4> nodes{"0"};
    for (std::size_t node = 1; node < 4; ++node) {
        std::vector<std::string> terms;
        for (std::size_t edge = 0; edge < edges.size(); ++edge) {
            const std::string& from = nodes[edges[edge][0]];
            if (edges[edge][1] != node || cell[edge] == none || from.empty()) {
                continue;
            }
            terms.push_back(cell[edge] == skip ? from : '(' + from + ")@" + std::to_string(cell[edge]));
        }
        std::sort(terms.begin(), terms.end());
        for (const std::string& term : terms) {
            nodes[node] += (nodes[node].empty() ? "" : "+") + term;
        }
        if (grouped && terms.size() > 1) {
            nodes[node] = '[' + nodes[node] + ']';
        }
    }
    return nodes[3];
}

// The graph behind that text: its operations and sums, each with a number, so that one that is read twice is not two
// equal ones. Written from the output; the smallest text over all orders in which sums may be written.
class CellGraph {
  public:
    explicit CellGraph(const Cell& cell) {
        std::array<int, 4> values{add({"input", {}}), nothing, nothing, nothing};
        for (std::size_t node = 1; node < 4; ++node) {
            std::vector<int> terms;
            for (std::size_t edge = 0; edge < edges.size(); ++edge) {
                const int from = values[edges[edge][0]];
                if (edges[edge][1] != node || cell[edge] == none || from == nothing) {
                    continue;
                }
                terms.push_back(cell[edge] == skip ? from : add({std::to_string(cell[edge]), {from}}));
            }
            if (terms.size() == 1) {
                values[node] = terms.front();
            } else if (terms.size() > 1) {
                values[node] = add({"sum", terms});
            }
        }
        output_ = values[3];
    }

    std::string text() {
        if (output_ == nothing) {
            return "";
        }
        std::string smallest;
        std::vector<std::size_t> sums;
        for (std::size_t vertex = 0; vertex < vertices_.size(); ++vertex) {
            if (vertices_[vertex].operands.size() > 1) {
                std::sort(vertices_[vertex].operands.begin(), vertices_[vertex].operands.end());
                sums.push_back(vertex);
            }
        }
        permute(sums, 0, smallest);
        return smallest;
    }

  private:
    struct Vertex {
        std::string label;
        std::vector<int> operands;
    };
    static constexpr int nothing = -1;

    int add(Vertex vertex) {
        vertices_.push_back(std::move(vertex));
        return static_cast<int>(vertices_.size()) - 1;
    }

    void permute(const std::vector<std::size_t>& sums, std::size_t at, std::string& smallest) {
        if (at == sums.size()) {
            std::map<int, int> numbers;
            std::string written = write(output_, numbers);
            if (smallest.empty() || written < smallest) {
                smallest = std::move(written);
            }
            return;
        }
        std::vector<int>& operands = vertices_[sums[at]].operands;
        do {
            permute(sums, at + 1, smallest);
        } while (std::next_permutation(operands.begin(), operands.end()));
    }

    std::string write(int vertex, std::map<int, int>& numbers) const {
        if (const auto known = numbers.find(vertex); known != numbers.end()) {
            return '#' + std::to_string(known->second);
        }
        const Vertex& written = vertices_[static_cast<std::size_t>(vertex)];
        std::string text = written.label + '(';
        for (const int operand : written.operands) {
            text += write(operand, numbers) + ',';
        }
        numbers.emplace(vertex, static_cast<int>(numbers.size()));
        return text + ')';
    }

    std::vector<Vertex> vertices_;
    int output_ = nothing;
};

template <typename Rule>
std::vector<std::string> texts(Rule rule) {
    std::vector<std::string> result;
    for (std::size_t number = 0; number < 15'625; ++number) {
        result.push_back(rule(cell_of(number)));
    }
    return result;
}

std::size_t distinct(const std::vector<std::string>& texts) {
    return std::set<std::string>(texts.begin(), texts.end()).size();
}

// Classes of cells that both rules tell apart or both do not: as many as each rule has, where they are the same.
std::size_t distinct(const std::vector<std::string>& one, const std::vector<std::string>& other) {
    std::set<std::pair<std::string, std::string>> pairs;
    for (std::size_t i = 0; i < one.size(); ++i) {
        pairs.emplace(one[i], other[i]);
    }
    return pairs.size();
}

struct Decoded {
    std::vector<std::string> hashes;  // of the network; empty where there is none
    std::vector<std::int64_t> parameters;
};

Decoded decode_all() {
    const Space space = Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/nasbench201_space.yaml");
    Space::Decoder decoder(space);
    Rejection rejection;
    Decoded decoded;
    for (std::size_t number = 0; number < 15'625; ++number) {
        const Cell cell = cell_of(number);
        Genome genome;
        genome.genes.assign(cell.begin(), cell.end());
        const arch::Network* const network = decoder.decode(genome, rejection);
        decoded.hashes.push_back(network == nullptr ? "" : arch::to_text(arch::canonical_hash(*network)));
        decoded.parameters.push_back(network == nullptr ? 0 : arch::count(*network).parameters);
    }
    return decoded;
}

TEST_CASE("the choices of the NAS-Bench-201 space are the edges and operations of a cell in this order") {
    const Space space = Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/nasbench201_space.yaml");
    REQUIRE(space.gene_count() == edges.size());
    for (std::size_t gene = 0; gene < edges.size(); ++gene) {
        const ChoiceView choice = space.choice(gene);
        CHECK(choice.name == "edge" + std::to_string(edges[gene][0]) + std::to_string(edges[gene][1]));
        const std::vector<std::string> operations(choice.alternatives.begin(), choice.alternatives.end());
        CHECK(operations == std::vector<std::string>{"none", "skip", "conv1x1", "conv3x3", "pool"});
    }
}

TEST_CASE("the published rule finds the published 6,466 topologies in NAS-Bench-201") {
    CHECK(distinct(texts([](const Cell& cell) { return published_text(cell, true); })) == 6'466);
    // Without knowing what zero does, as the same paper has it.
    CHECK(distinct(texts([](const Cell& cell) { return published_text(cell, false); })) == 12'751);
}

TEST_CASE("the networks of NAS-Bench-201 that differ are the published topologies but for three rules") {
    const Decoded decoded = decode_all();
    const auto published = texts([](const Cell& cell) { return published_text(cell, true); });
    const auto sums = texts([](const Cell& cell) { return text_without_zeros(cell, false); });
    const auto grouped = texts([](const Cell& cell) { return text_without_zeros(cell, true); });
    const auto graphs = texts([](const Cell& cell) { return CellGraph(cell).text(); });

    // Zeros that are added to something vanish here, and stand as '#' in the published text: coarser.
    CHECK(distinct(sums) == 5'390);
    CHECK(distinct(published, sums) == distinct(published));
    // A sum that is skipped into another sum is an addition of its own here, and part of it in that text: finer.
    CHECK(distinct(grouped) == 5'773);
    CHECK(distinct(sums, grouped) == distinct(grouped));
    // One operation that is read twice has one set of weights, two equal ones have two: finer, and all there is.
    CHECK(distinct(graphs) == 6'334);
    CHECK(distinct(grouped, graphs) == distinct(graphs));
    CHECK(distinct(decoded.hashes) == distinct(graphs));
    CHECK(distinct(decoded.hashes, graphs) == distinct(graphs));

    // One of these is that nothing reaches the output, which is no network.
    CHECK(std::count(decoded.hashes.begin(), decoded.hashes.end(), "") == 341);
    CHECK(std::count(graphs.begin(), graphs.end(), "") == 341);
}

TEST_CASE("the networks of NAS-Bench-201 have the sizes of a skeleton worked out by hand") {
    const auto convolution = [](std::int64_t from, std::int64_t to, std::int64_t kernel) {
        return from * to * kernel * kernel + 2 * to;  // with the normalisation behind it
    };
    std::int64_t skeleton = convolution(3, 16, 3) + 2 * 64 + 64 * 10 + 10;
    for (const std::int64_t width : {32, 64}) {
        skeleton += convolution(width / 2, width, 3) + convolution(width, width, 3) + width / 2 * width;
    }
    std::int64_t small = 0;  // a 1x1 convolution in each of the fifteen cells
    std::int64_t large = 0;
    for (const std::int64_t width : {16, 32, 64}) {
        small += 5 * convolution(width, width, 1);
        large += 5 * convolution(width, width, 3);
    }
    const Decoded decoded = decode_all();
    std::size_t wrong = 0;
    for (std::size_t number = 0; number < 15'625; ++number) {
        const Cell cell = cell_of(number);
        // Operations that lie on a way from the input to the output.
        const auto carries = [&cell](std::size_t edge) { return cell[edge] != none; };
        const bool reaches_1 = carries(0);
        const bool reaches_2 = carries(1) || (reaches_1 && carries(3));
        const bool leads_2 = carries(5);
        const bool leads_1 = carries(4) || (carries(3) && leads_2);
        const std::array<bool, 6> is_used{leads_1, leads_2, true, reaches_1 && leads_2, reaches_1, reaches_2};
        std::int64_t parameters = skeleton;
        bool is_any_used = false;
        for (std::size_t edge = 0; edge < edges.size(); ++edge) {
            const bool used = carries(edge) && is_used[edge];
            is_any_used = is_any_used || used;
            parameters += used && cell[edge] == conv1x1 ? small : 0;
            parameters += used && cell[edge] == conv3x3 ? large : 0;
        }
        wrong += decoded.parameters[number] == (is_any_used ? parameters : 0) ? 0 : 1;
    }
    CHECK(wrong == 0);
}

}  // namespace
}  // namespace sotto::search
