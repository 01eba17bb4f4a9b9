// SPDX-License-Identifier: Apache-2.0
// An accuracy proxy for black-box tests that works in steps, as training does in epochs, and goes on from what it left
// in its state directory. After step k a network of c convolutions has accuracy.steps = 1 - 1/(k + c), however the
// steps were spread over calls. SOTTO_TEST_STEPS=FILE: every step appends the candidate's seed and the step's number to
// FILE. SOTTO_TEST_STEP_SIGNALS="9@17" is as SOTTO_TEST_SIGNALS of probe_plugin.cpp, counted in steps.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "sotto/plugin.hpp"

#include "tests/tools/chosen_signals.hpp"

namespace {

using namespace sotto::sdk;

std::atomic<long> steps_done{0};

class Resumable final : public AccuracyProxy {
  public:
    static Declaration declare() {
        Declaration declaration;
        declaration.id = "resumable";
        declaration.version = "1";
        declaration.description = "a score in steps";
        declaration.metrics = {{"accuracy.steps", "1", "grows with every step", SOTTO_DIRECTION_MAXIMIZE},
                               {"steps.neutral", "1", "the steps", SOTTO_DIRECTION_NEUTRAL}};
        declaration.parameters = {
            Parameter::integer("stop_after", "steps to do", 1, 1, 1000),
            Parameter::integer("fails_every", "a fault for one seed in so many; 0: none", 0, 0, 1000),
            Parameter::text("state_directory", "where the steps are kept; empty: nowhere", "")};
        declaration.parameters[1].default_value = "00";  // spelled as nas-run would not
        declaration.thread_level = SOTTO_THREADS_SHARED;
        declaration.typical_cost_us = 2e6;
        return declaration;
    }

    Resumable(const Arguments& arguments, const Host& host)
        : host_(host),
          stop_after_(arguments.integer("stop_after")),
          fails_every_(static_cast<std::uint64_t>(arguments.integer("fails_every"))),
          directory_(arguments.text("state_directory")) {}

    void evaluate(const Candidate& candidate, Values metrics) override {
        const std::string state = directory_ + '/' + std::to_string(candidate.seed());
        long done = 0;
        if (!directory_.empty()) {
            std::ifstream(state) >> done;
        }
        for (; done < stop_after_; ++done) {
            send_chosen_signals("SOTTO_TEST_STEP_SIGNALS", ++steps_done);
            host_.stop_if_cancelled();
            log_step(candidate.seed(), done + 1);
            if (!directory_.empty()) {
                std::ofstream(state + ".partial") << done + 1 << '\n';
                std::rename((state + ".partial").c_str(), state.c_str());
            }
        }
        if (fails_every_ != 0 && candidate.seed() % fails_every_ == 0) {
            throw std::runtime_error("it failed as asked");
        }
        long convolutions = 0;
        for (const sotto_layer& layer : candidate.layers()) {
            convolutions += layer.kind == SOTTO_LAYER_CONVOLUTION ? 1 : 0;
        }
        metrics[0] = 1 - 1.0 / static_cast<double>(stop_after_ + convolutions);
        metrics[1] = static_cast<double>(stop_after_);
    }

  private:
    static void log_step(std::uint64_t seed, long step) {
        const char* file = std::getenv("SOTTO_TEST_STEPS");
        if (file == nullptr) {
            return;
        }
        const std::string line = std::to_string(seed) + ' ' + std::to_string(step) + '\n';
        const int log = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (write(log, line.data(), line.size()) < 0) {
            std::perror(file);
        }
        close(log);
    }

    Host host_;
    long stop_after_;
    std::uint64_t fails_every_;
    std::string directory_;
};

}  // namespace

SOTTO_PLUGIN(Resumable)
