// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "cost_models/protocol/oblivious_transfer_pool.hpp"
#include "cost_models/training/operation_columns.hpp"
#include "cost_models/training/published_import.hpp"
#include "tests/support/catch.hpp"

namespace {

using namespace sotto::protocol;
using sotto::training::Execution;

const std::string published = SOTTO_SOURCE_DIRECTORY "/../shared/data/snni_public";

// The runs of each network.
using Runs = std::map<std::string, std::vector<Execution>>;

Runs published_runs(const std::string& setting) {
    Runs runs;
    for (Execution& execution : sotto::training::import_published(published, setting).executions) {
        runs[execution.network].push_back(std::move(execution));
    }
    return runs;
}

double median_client_ms(const std::vector<Execution>& runs, std::size_t position) {
    std::vector<double> times;
    for (const Execution& run : runs) {
        times.push_back(run.operations[position].client_ms);
    }
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
    return times[times.size() / 2];
}

bool draws_transfers(const sotto_operation& operation) {
    return operation.kind == SOTTO_OPERATION_RELU || operation.kind == SOTTO_OPERATION_TRUNCATION ||
           operation.kind == SOTTO_OPERATION_MAX_POOL || operation.kind == SOTTO_OPERATION_AVERAGE_POOL;
}

}  // namespace

// The same layer takes longer at positions where a pool runs dry, by 0.7 s and more. No fit: among layers alike, each
// one that is said to refill more takes longer than each that is said to refill less.
TEST_CASE("Published times of equal layers are ordered by the refills that the pool predicts") {
    if (!std::filesystem::exists(published)) {
        SOTTO_SKIP("the published measurements are not here");
    }
    for (const auto& [setting, threads] : {std::pair{"local", 4}, {"lan", 1}, {"wan", 1}}) {
        EngineParameters parameters = find_profile("opencheetah-2022")->parameters();
        parameters.threads = threads;
        const EngineProfile profile = find_profile("opencheetah-2022")->with(parameters);
        // (type, elements, window) -> refills -> times
        std::map<std::tuple<std::string, std::int64_t, int>, std::map<double, std::vector<double>>> groups;
        for (const auto& [network, runs] : published_runs(setting)) {
            ObliviousTransferPool pool(profile);
            for (std::size_t position = 0; position < runs.front().operations.size(); ++position) {
                const sotto_operation& operation = runs.front().operations[position].operation;
                if (!draws_transfers(operation)) {
                    continue;
                }
                OperationCounts counts;
                REQUIRE(count(profile, operation, counts));
                const Refills refills = pool.advance(counts);
                groups[{std::string(sotto::training::operation_name(operation.kind)), operation.elements,
                        operation.window.kernel_height}][refills.forward + refills.backward]
                    .push_back(median_client_ms(runs, position));
            }
        }
        int compared = 0;
        for (const auto& [key, by_refills] : groups) {
            for (auto more = std::next(by_refills.begin()); more != by_refills.end(); ++more) {
                const auto& fewer = std::prev(more)->second;
                INFO(setting << ' ' << std::get<0>(key) << " of " << std::get<1>(key) << ": " << more->first
                             << " refills");
                CHECK(*std::min_element(more->second.begin(), more->second.end()) >
                      *std::max_element(fewer.begin(), fewer.end()) + 300);
                ++compared;
            }
        }
        CHECK(compared > 20);
    }
}
