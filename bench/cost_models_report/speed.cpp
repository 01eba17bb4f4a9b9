// SPDX-License-Identifier: Apache-2.0
// How long the plug-ins take for one network: batches of different members of a space on one thread, lowered
// beforehand.
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bench/cost_model_batches/candidates.hpp"
#include "bench/cost_models_report/experiments.hpp"
#include "engine/plugin/registry.hpp"
#include "tools/installed/installed_plugins.hpp"

namespace sotto::report {
namespace {

constexpr std::size_t batch_size = 128;

double microseconds_for_batch(const plugin::Instance& instance, const secure::SecureProgram* begin) {
    std::vector<plugin::CandidateView> views(batch_size);
    std::vector<const plugin::CandidateView*> pointers;
    std::vector<plugin::Score> scores(batch_size);
    for (std::size_t i = 0; i < batch_size; ++i) {
        views[i].set(i, nullptr, begin + i);
        pointers.push_back(&views[i]);
    }
    const auto start = std::chrono::steady_clock::now();
    instance.evaluate(pointers, scores);
    const auto end = std::chrono::steady_clock::now();
    for (const plugin::Score& score : scores) {
        if (score.status != plugin::Score::Status::ok) {
            throw plugin::PluginError(score.reason);
        }
    }
    return std::chrono::duration<double, std::micro>(end - start).count();
}

}  // namespace

void measure_speed(const std::vector<std::string>& models, bool quick, Report& report) {
    const std::size_t batches = quick ? 5 : 15;
    plugin::Registry registry({});
    const tools::InstalledPlugins installed(registry, tools::plugin_directories());
    for (const bench::CandidateSpace& space : bench::candidate_spaces()) {
        const std::vector<secure::SecureProgram> candidates = bench::candidates_of(space, batches * batch_size);
        for (const std::string& model : models) {
            try {
                const std::unique_ptr<plugin::Instance> instance =
                    registry.create(plugin::Kind::cost_model, model, {{"setting", "lan"}});
                std::vector<double> times;
                for (std::size_t b = 0; b < batches; ++b) {
                    times.push_back(microseconds_for_batch(*instance, candidates.data() + b * batch_size) / batch_size);
                }
                const double first = times.front();
                times.erase(times.begin());
                std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                                 times.end());
                report.speed.push_back({model, space.name, batch_size, first, times[times.size() / 2]});
            } catch (const plugin::PluginError& error) {
                report.notes.push_back(model + ", " + space.name +
                                       ": no time, since the plug-in cannot be used: " + error.what());
            }
        }
    }
}

}  // namespace sotto::report
