// SPDX-License-Identifier: Apache-2.0
#include "search/loop/result_files.hpp"

#include <algorithm>
#include <cassert>

#include "engine/run/front_files.hpp"
#include "engine/secure/lowering.hpp"

namespace sotto::search {

std::vector<std::size_t> column_order(const RunConfiguration& configuration, std::span<const plugin::Metric> metrics) {
    std::vector<std::size_t> order;
    for (const Objective& objective : configuration.objectives) {
        for (std::size_t i = 0; i < metrics.size(); ++i) {
            if (metrics[i].name == objective.metric) {
                order.push_back(i);
            }
        }
    }
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        if (std::find(order.begin(), order.end(), i) == order.end()) {
            order.push_back(i);
        }
    }
    return order;
}

ResultFiles write_result_files(const run::RunDirectory& directory, const RunConfiguration& configuration,
                               std::span<const plugin::Metric> metrics, std::span<const Member> front,
                               const std::set<std::uint64_t>& best, const std::optional<Member>& baseline,
                               bool with_onnx) {
    const std::vector<std::size_t> order = column_order(configuration, metrics);
    const auto table_of = [&](std::span<const Member> members) {
        run::FrontTable table;
        for (const std::size_t i : order) {
            table.columns.push_back(run::column_title(metrics[i].name, metrics[i].unit));
        }
        table.descending = configuration.objectives.front().goal == Goal::maximize;
        for (const Member& member : members) {
            run::FrontRow row{member.id, {}, configuration.space.to_text(member.genome)};
            for (const std::size_t i : order) {
                row.values.push_back(member.metrics[i]);
            }
            table.rows.push_back(std::move(row));
        }
        table.sort();
        return table;
    };

    const run::FrontTable table = table_of(front);
    std::map<std::uint64_t, const Member*> by_id;
    for (const Member& member : front) {
        by_id[member.id] = &member;
    }
    Space::Decoder decoder(configuration.space);
    secure::Lowering lowering(configuration.lowering);
    secure::SecureProgram program;
    ResultFiles files;
    run::BestWriter writer(directory, front.size(), with_onnx);
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const run::FrontRow& row = table.rows[i];
        files.rows.push_back(row.id);
        if (!best.contains(row.id)) {
            continue;
        }
        Rejection rejection;
        const arch::Network* network = decoder.decode(by_id.at(row.id)->genome, rejection);
        assert(network != nullptr && "a member of the front was evaluated, so it decodes");
        lowering.lower(*network, program);
        files.best[row.id] = writer.add(i + 1, *network, program, row.genome);
    }
    writer.commit();
    if (baseline) {
        directory.write_file("baseline.csv", table_of({&*baseline, 1}).to_csv());
    }
    directory.write_file("pareto.csv", table.to_csv());
    return files;
}

}  // namespace sotto::search
