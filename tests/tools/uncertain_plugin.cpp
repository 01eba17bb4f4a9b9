// SPDX-License-Identifier: Apache-2.0
// A cost model for black-box tests: 100 ms an operation, give or take 10, and a tenth of the round trip more; 3 rounds
// an operation, known exactly. It has no values of single operations.
#include <string>

#include "sotto/plugin.hpp"

namespace {

using namespace sotto::sdk;

class Uncertain final : public CostModel {
  public:
    static Declaration declare() {
        Declaration declaration;
        declaration.id = "uncertain";
        declaration.version = "1";
        declaration.description = "100 ms an operation, more or less";
        declaration.metrics = {{"latency.total_ms", "ms", "time"}, {"communication.rounds", "1", "rounds"}};
        declaration.parameters = {Parameter::number("bandwidth_mbps", "the link; 0: as measured", 0, 0, 1e9),
                                  Parameter::number("rtt_ms", "the link; 0: as measured", 0, 0, 1e9)};
        declaration.thread_level = SOTTO_THREADS_SHARED;
        return declaration;
    }

    Uncertain(const Arguments& arguments, const Host& /*host*/) : rtt_ms_(arguments.number("rtt_ms")) {}

    void evaluate(const Candidate& candidate, Values metrics) override {
        const double operations = candidate.program().operation_count;
        metrics[0] = operations * (100 + rtt_ms_ / 10);
        metrics[1] = operations * 3;
    }
    void evaluate_uncertainty(const Candidate& candidate, Values deviations) override {
        deviations[0] = candidate.program().operation_count * 10;
        deviations[1] = 0;
    }

  private:
    double rtt_ms_;
};

}  // namespace

SOTTO_PLUGIN(Uncertain)
