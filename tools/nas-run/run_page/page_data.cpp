// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/run_page/page_data.hpp"

#include <algorithm>

#include "search/halving/successive_halving.hpp"

namespace sotto::tools {
namespace {

constexpr std::size_t sample_size = 4000;
constexpr std::size_t course_points = 300;
constexpr std::size_t operator_points = 60;

// At most `most` indices below `count`, evenly spread, the last one among them.
std::vector<std::size_t> spread(std::size_t count, std::size_t most) {
    std::vector<std::size_t> indices;
    const std::size_t points = std::min(count, most);
    indices.reserve(points);
    for (std::size_t i = 1; i <= points; ++i) {
        indices.push_back(i * count / points - 1);
    }
    return indices;
}

std::vector<OperatorCourse> read_operators(const run::Store& store,
                                           const std::vector<run::StoredGeneration>& generations) {
    std::vector<OperatorCourse> operators;
    for (const std::size_t i : spread(generations.size(), operator_points)) {
        const std::uint32_t generation = generations[i].generation;
        for (const run::StoredOperator& credit : store.operators(generation)) {
            auto known = std::ranges::find(operators, credit.name, &OperatorCourse::name);
            if (known == operators.end()) {
                known = operators.insert(operators.end(), OperatorCourse{credit.name, {}, 0, 0});
            }
            known->course.push_back({generation, credit.probability});
            known->children = credit.children;
            known->successes = credit.successes;
        }
    }
    return operators;
}

}  // namespace

PageData read_page_data(const run::Store& store, const std::vector<DisplayedMetric>& objectives, bool with_shortfalls) {
    PageData data;
    const std::vector<run::StoredGeneration> generations = store.generations();
    data.generations = static_cast<std::uint32_t>(generations.size());
    for (const std::size_t i : spread(generations.size(), course_points)) {
        data.course.push_back({generations[i].evaluations, generations[i].hypervolume, generations[i].front_size});
    }
    if (!generations.empty()) {
        data.seconds = generations.back().seconds;
        data.evaluations_by_then = generations.back().evaluations;
    }
    data.stage_seconds = search::stored_stage_seconds(store);
    data.operators = read_operators(store, generations);

    std::vector<std::size_t> columns;
    columns.reserve(objectives.size());
    for (const DisplayedMetric& objective : objectives) {
        columns.push_back(objective.index);
    }
    store.sample_complete(columns, sample_size + 1, [&](std::span<const double> values) {
        std::vector<double>& row = data.sample.emplace_back();
        for (std::size_t k = 0; k < values.size(); ++k) {
            row.push_back(objectives[k].of(values[k]));
        }
    });
    data.is_whole_sample = data.sample.size() <= sample_size;
    data.sample.resize(std::min(data.sample.size(), sample_size));

    if (with_shortfalls) {
        store.for_each_shortfall([&](const run::StoredShortfall& shortfall) { data.shortfalls.add(shortfall); });
    }
    return data;
}

}  // namespace sotto::tools
