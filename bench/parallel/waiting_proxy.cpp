// SPDX-License-Identifier: Apache-2.0
// An accuracy proxy that takes a known time: it sleeps, so that other programs on the machine do not change what is
// measured, or computes where 'busy' is true. Its score is the number of layers, shared out by the candidate's seed.
#include <chrono>
#include <thread>

#include "sotto/plugin.hpp"

namespace {

using namespace sotto::sdk;

class Waiting final : public AccuracyProxy {
  public:
    static Declaration declare() {
        Declaration declaration;
        declaration.id = "waiting";
        declaration.version = "1";
        declaration.description = "a score that takes a known time";
        declaration.metrics = {
            {"accuracy.waiting", "1", "higher is better", SOTTO_DIRECTION_MAXIMIZE, SOTTO_METRIC_NON_NEGATIVE}};
        declaration.parameters = {Parameter::number("milliseconds", "of a candidate", 20, 0, 1e6),
                                  Parameter::boolean("busy", "compute instead of sleeping", false)};
        declaration.thread_level = SOTTO_THREADS_SHARED;
        declaration.typical_cost_us = 20'000;
        return declaration;
    }

    Waiting(const Arguments& arguments, const Host& /*host*/)
        : wait_(std::chrono::duration_cast<Clock::duration>(
              std::chrono::duration<double, std::milli>(arguments.number("milliseconds")))),
          busy_(arguments.boolean("busy")) {}

    void evaluate(const Candidate& candidate, Values metrics) override {
        const Clock::time_point end = Clock::now() + wait_;
        metrics[0] =
            static_cast<double>(candidate.layers().size()) + static_cast<double>(candidate.seed() % 1000) / 1000;
        if (!busy_) {
            std::this_thread::sleep_until(end);
        }
        while (Clock::now() < end) {
        }
    }

  private:
    using Clock = std::chrono::steady_clock;

    Clock::duration wait_;
    bool busy_;
};

}  // namespace

SOTTO_PLUGIN(Waiting)
