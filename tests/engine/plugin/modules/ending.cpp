// SPDX-License-Identifier: Apache-2.0
// A library whose plug-in ends or holds up its own process. The candidate's seed chooses: 13 is the victim of the fault
// that the parameter names, 3 times any other seed is the metric; the second metric counts what this instance scored.
#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "sotto/plugin.h"

namespace {

const sotto_host* host = nullptr;

struct Model {
    sotto_instance instance{};
    std::string fault;
    double scored = 0;
};

void misbehave(const std::string& fault) {
    if (fault == "kill") {
        raise(SIGKILL);
    } else if (fault == "exit") {
        _exit(7);
    } else if (fault == "hang") {
        for (;;) {
            std::this_thread::sleep_for(std::chrono::seconds(1));
        }
    } else if (fault == "hang-with-child") {
        // Not for ever, so that a test that fails leaves nothing behind.
        constexpr unsigned most_seconds = 60;
        if (fork() == 0) {
            alarm(most_seconds);
            for (;;) {
                pause();
            }
        }
        alarm(most_seconds);
        static_cast<void>(!write(std::atoi(std::getenv("SOTTO_TEST_PIPE")), "h", 1));
        for (;;) {
            pause();
        }
    } else if (fault == "wait") {
        while (host->is_cancelled(host) == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    } else if (fault == "garbage") {
        // The connection of a host process, which no plug-in has business with.
        const std::array<char, 256> noise{};
        static_cast<void>(!write(3, noise.data(), noise.size()));
    } else if (fault == "close") {
        close(3);
        for (;;) {
            std::this_thread::sleep_for(std::chrono::seconds(1));
        }
    } else if (fault == "log") {
        host->log(host, SOTTO_LOG_WARNING, "seed 13 is unlucky");
    } else if (fault == "print") {
        std::puts("printed by a plug-in");
        std::fflush(stdout);
    }
}

sotto_status evaluate_batch(sotto_instance* instance, const sotto_candidate* const* candidates,
                            sotto_result* const* results, std::uint32_t count, const sotto_error_sink* error) {
    Model& model = *static_cast<Model*>(instance->plugin_data);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (candidates[i]->seed == 13) {
            misbehave(model.fault);
        }
        if (host->is_cancelled(host) != 0) {
            error->report(error, "cancelled");
            return SOTTO_CANCELLED;
        }
        results[i]->status = SOTTO_OK;
        results[i]->metrics[0] = 3 * static_cast<double>(candidates[i]->seed);
        results[i]->metrics[1] = ++model.scored;
    }
    return SOTTO_OK;
}

const sotto_metric metrics[] = {
    {sizeof(sotto_metric), SOTTO_DIRECTION_NEUTRAL, 0, 0, "triple", "1", "three times the seed"},
    {sizeof(sotto_metric), SOTTO_DIRECTION_NEUTRAL, 0, 0, "scored", "1", "candidates so far"}};
const sotto_parameter parameters[] = {
    {sizeof(sotto_parameter), SOTTO_PARAMETER_TEXT, 0, 0, 0, 0, "fault", "what goes wrong", "none", nullptr}};
const sotto_descriptor descriptor = {sizeof(sotto_descriptor),
                                     SOTTO_NEEDS_PROGRAM,
                                     0,
                                     SOTTO_THREADS_NONE,
                                     "ending",
                                     "1",
                                     "ends its process",
                                     2,
                                     sizeof(sotto_metric),
                                     metrics,
                                     1,
                                     sizeof(sotto_parameter),
                                     parameters,
                                     nullptr,
                                     nullptr,
                                     0,
                                     0,
                                     1,
                                     0,
                                     0};

sotto_status create(const sotto_factory* /*factory*/, const sotto_host* given, const char* /*id*/,
                    const sotto_argument* const* arguments, std::uint32_t /*count*/, sotto_instance** instance,
                    const sotto_error_sink* error) {
    host = given;
    auto* model = new Model;
    model->fault = arguments[0]->value;
    if (model->fault == "kill-in-create") {
        raise(SIGKILL);
    }
    if (model->fault == "refuse") {
        delete model;
        error->report(error, "not today");
        return SOTTO_INVALID_ARGUMENT;
    }
    model->instance = {sizeof(sotto_instance),
                       0,
                       model,
                       [](sotto_instance* self) { delete static_cast<Model*>(self->plugin_data); },
                       evaluate_batch,
                       nullptr};
    *instance = &model->instance;
    return SOTTO_OK;
}

const sotto_factory factory = {sizeof(sotto_factory), 0, [](const sotto_factory*) -> std::uint32_t { return 1; },
                               [](const sotto_factory*, std::uint32_t) { return &descriptor; }, create};

sotto_status init(const char* /*path*/, const sotto_host* /*host*/, const sotto_error_sink* /*error*/) {
#ifdef FAULT_DIES_IN_INIT
    raise(SIGKILL);
#endif
    return SOTTO_OK;
}

}  // namespace

extern "C" SOTTO_PLUGIN_EXPORT const sotto_plugin_entry_v1 sotto_plugin_entry = {
    SOTTO_PLUGIN_ABI_VERSION, sizeof(sotto_plugin_entry_v1), init, [] {},
    [](const char* id) { return std::strcmp(id, SOTTO_COST_MODEL_FACTORY) == 0 ? &factory : nullptr; }};
