// SPDX-License-Identifier: Apache-2.0
#include "bench/proxy_report/nasbench201_labels.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "bench/nasbench201/measured_cells.hpp"
#include "bench/nasbench201/trained_cells.hpp"
#include "bench/proxy_report/published_correlations.hpp"
#include "engine/input/input_error.hpp"
#include "search/space/space.hpp"

namespace sotto::proxy_report {

std::vector<LabelColumn> measured_labels(const std::string& table, const tools::CandidateList& members) {
    const nasbench201::MeasuredCells measured = nasbench201::read_measured_cells(table);
    const search::Space space = search::Space::load_file(nasbench201_space);
    std::unordered_map<std::string, const nasbench201::MeasuredCell*> of_genome;
    for (const nasbench201::MeasuredCell& cell : measured.cells) {
        of_genome.emplace(space.to_text(space.parse_genome(cell.genome)), &cell);
    }
    std::vector<LabelColumn> read;
    for (const Label& label : labels) {
        const auto column = std::find(measured.columns.begin(), measured.columns.end(), label.column);
        if (column == measured.columns.end()) {
            throw input::InputError({{table, 0, 0}, "a column is missing", {}, std::string(label.column), {}});
        }
        LabelColumn& of_label = read.emplace_back();
        of_label.id = label.column;
        of_label.title = label.name;
        of_label.data_set = label.column;
        for (std::size_t index = 0; index < members.size(); ++index) {
            const auto found = of_genome.find(members.genome(index));
            if (found == of_genome.end()) {
                throw input::InputError(
                    {{table, 0, 0}, "a member of the space was not measured", members.genome(index), {}, {}});
            }
            of_label.values.push_back(
                found->second->values[static_cast<std::size_t>(column - measured.columns.begin())]);
        }
    }
    return read;
}

LongTrained read_long_trained(const std::vector<std::string>& lists, const std::string& table) {
    std::string genomes;
    LabelColumn longer;
    longer.id = "cifar10-test-200";
    longer.title = "CIFAR-10 after 200 epochs";
    longer.data_set = labels.front().column;
    const search::Space space = search::Space::load_file(nasbench201_space);
    search::Space::Decoder decoder(space);
    search::Rejection rejection;
    std::size_t left_out = 0;
    for (const std::string& file : lists) {
        for (const nasbench201::TrainedCell& cell : nasbench201::read_trained_cells(file)) {
            if (decoder.decode(space.parse_genome(cell.genome), rejection) == nullptr) {
                ++left_out;
                continue;
            }
            genomes += cell.genome + '\n';
            longer.values.push_back(cell.accuracy);
        }
    }
    LongTrained read{tools::CandidateList::of_genome_list(nasbench201_space, genomes, lists.front()), {}, left_out};
    LabelColumn measured = measured_labels(table, read.members).front();
    measured.title += " by the table";
    read.labels = {std::move(longer), std::move(measured)};
    return read;
}

}  // namespace sotto::proxy_report
