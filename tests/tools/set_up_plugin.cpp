// SPDX-License-Identifier: Apache-2.0
// A cost model for black-box tests: 50 ms an operation, and 1200 ms for the whole network, which are of no operation.
#include "sotto/plugin.hpp"

namespace {

using namespace sotto::sdk;

class SetUp final : public AdditiveCostModel {
  public:
    static Declaration declare() {
        Declaration declaration;
        declaration.id = "set-up";
        declaration.version = "1";
        declaration.description = "50 ms an operation, and 1200 ms";
        // No SOTTO_METRIC_SUM: the operations do not add up to it.
        declaration.metrics = {{"latency.total_ms", "ms", "time", SOTTO_DIRECTION_MINIMIZE, SOTTO_METRIC_NON_NEGATIVE}};
        declaration.thread_level = SOTTO_THREADS_SHARED;
        return declaration;
    }

    SetUp(const Arguments& /*arguments*/, const Host& /*host*/) {}

    void price(const sotto_operation& /*operation*/, Values metrics) override { metrics[0] = 50; }
    void evaluate(const Candidate& candidate, Values metrics) override {
        AdditiveCostModel::evaluate(candidate, metrics);
        metrics[0] += 1200;
    }
    void evaluate_operations(const Candidate& candidate, Values metrics, OperationValues values) override {
        AdditiveCostModel::evaluate_operations(candidate, metrics, values);
        metrics[0] += 1200;
    }
};

}  // namespace

SOTTO_PLUGIN(SetUp)
