// SPDX-License-Identifier: Apache-2.0
// cost_models/data/cheetah_measured holds what OpenCheetah counted while it ran.
#include <cmath>
#include <map>
#include <string>

#include "cost_models/protocol/oblivious_transfer_pool.hpp"
#include "cost_models/training/measurement_table.hpp"
#include "cost_models/training/operation_columns.hpp"
#include "tests/support/catch.hpp"

namespace {

using namespace sotto::protocol;
using sotto::training::MeasuredOperation;

// Rows, sizes of error and where the largest one is.
struct Summary {
    int rows = 0;
    double largest_relative_client = 0, largest_relative_server = 0;
    double sum_client = 0, measured_client = 0;
    double sum_server = 0, measured_server = 0;
    double largest_flows = 0, sum_flows = 0;
    int wrong_flows = 0;
};

std::string kind_of(const MeasuredOperation& measured) {
    return std::string(sotto::training::operation_name(measured.operation.kind));
}

bool is_linear(const std::string& kind) {
    return kind == "conv" || kind == "fc" || kind == "bn";
}

// visit(execution, operation, counts, refills), in execution order.
template <class Visit>
void replay_runs(const std::string& setting, const Visit& visit) {
    const EngineProfile& profile = *find_profile("opencheetah-2023");
    const sotto::training::MeasurementTable table = sotto::training::read_measurement_table(
        SOTTO_SOURCE_DIRECTORY "/cost_models/data/cheetah_measured/" + setting + ".csv",
        sotto::training::Times::required);
    for (const sotto::training::Execution& execution : table.executions) {
        ObliviousTransferPool pool(profile);
        for (const MeasuredOperation& measured : execution.operations) {
            const sotto_operation& operation = measured.operation;
            OperationCounts counts;
            REQUIRE(count(profile, operation, counts));
            const Refills refills = pool.advance(counts);
            visit(execution, measured, counts, refills);
        }
    }
}

template <class Visit>
void replay(const std::string& setting, const Visit& visit) {
    replay_runs(setting,
                [&](const sotto::training::Execution&, const MeasuredOperation& measured, const OperationCounts& counts,
                    const Refills& refills) { visit(measured, counts, refills); });
}

std::map<std::string, Summary> summaries(const std::string& setting) {
    std::map<std::string, Summary> result;
    replay(setting, [&](const MeasuredOperation& measured, const OperationCounts& counts, const Refills& refills) {
        Summary& summary = result[kind_of(measured)];
        const double client = counts.client_sent_bytes + refills.client_sent_bytes;
        const double server = counts.server_sent_bytes + refills.server_sent_bytes;
        const double flows = counts.flows + refills.flows - measured.flows;
        ++summary.rows;
        summary.largest_relative_client =
            std::max(summary.largest_relative_client, std::abs(client / measured.client_sent_bytes - 1));
        summary.largest_relative_server =
            std::max(summary.largest_relative_server, std::abs(server / measured.server_sent_bytes - 1));
        summary.sum_client += client;
        summary.sum_server += server;
        summary.measured_client += measured.client_sent_bytes;
        summary.measured_server += measured.server_sent_bytes;
        summary.largest_flows = std::max(summary.largest_flows, std::abs(flows));
        summary.sum_flows += flows;
        summary.wrong_flows += flows != 0 ? 1 : 0;
    });
    return result;
}

}  // namespace

TEST_CASE("Oblivious transfers of every measured operation are counted exactly") {
    for (const char* setting : {"local", "lan", "wan"}) {
        int wrong = 0;
        int rows = 0;
        replay(setting, [&](const MeasuredOperation& measured, const OperationCounts& counts, const Refills&) {
            ++rows;
            wrong += counts.client_ots != measured.client_ots || counts.server_ots != measured.server_ots ? 1 : 0;
        });
        INFO(setting);
        CHECK(rows > 2500);
        CHECK(wrong == 0);
    }
}

TEST_CASE("Bytes of every measured non-linear operation are exact with the pool's refills") {
    for (const char* setting : {"local", "lan", "wan"}) {
        int wrong = 0;
        int refilled = 0;
        replay(setting, [&](const MeasuredOperation& measured, const OperationCounts& counts, const Refills& refills) {
            if (is_linear(kind_of(measured))) {
                return;
            }
            refilled += refills.forward + refills.backward > 0 ? 1 : 0;
            wrong += counts.client_sent_bytes + refills.client_sent_bytes != measured.client_sent_bytes ? 1 : 0;
            wrong += counts.server_sent_bytes + refills.server_sent_bytes != measured.server_sent_bytes ? 1 : 0;
        });
        INFO(setting);
        CHECK(refilled > 100);
        CHECK(wrong == 0);
    }
}

TEST_CASE("Bytes of every measured linear operation are within half a percent") {
    for (const char* setting : {"local", "lan", "wan"}) {
        for (const auto& [kind, summary] : summaries(setting)) {
            if (is_linear(kind)) {
                INFO(setting << ' ' << kind);
                CHECK(summary.largest_relative_client < 0.005);
                CHECK(summary.largest_relative_server < 0.005);
                CHECK(std::abs(summary.sum_client / summary.measured_client - 1) < 0.001);
                CHECK(std::abs(summary.sum_server / summary.measured_server - 1) < 0.001);
            }
        }
    }
}

TEST_CASE("Flows of a measured network are within three") {
    for (const char* setting : {"local", "lan", "wan"}) {
        std::map<std::string, double> errors;
        int wrong_without_refill = 0;
        replay_runs(setting, [&](const sotto::training::Execution& execution, const MeasuredOperation& measured,
                                 const OperationCounts& counts, const Refills& refills) {
            const double error = counts.flows + refills.flows - measured.flows;
            errors[execution.network + '/' + std::to_string(execution.run)] += error;
            wrong_without_refill += error != 0 && refills.forward + refills.backward == 0 ? 1 : 0;
        });
        INFO(setting);
        CHECK(wrong_without_refill == 0);
        for (const auto& [program, error] : errors) {
            INFO(program);
            CHECK(std::abs(error) <= 3);
        }
    }
}

// Not a check: the table of docs/protocol_counts.md. protocol_counts_test "[report]"
TEST_CASE("Report the errors of counts on measured operations", "[.][report]") {
    for (const char* setting : {"local", "lan", "wan"}) {
        for (const auto& [kind, summary] : summaries(setting)) {
            std::printf(
                "%-5s %-8s %5d  client %+.4f %% (largest %.3f)  server %+.4f %% (largest %.3f)  flows wrong in %d\n",
                setting, kind.c_str(), summary.rows, 100 * (summary.sum_client / summary.measured_client - 1),
                100 * summary.largest_relative_client, 100 * (summary.sum_server / summary.measured_server - 1),
                100 * summary.largest_relative_server, summary.wrong_flows);
        }
    }
}
