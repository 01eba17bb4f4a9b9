// SPDX-License-Identifier: Apache-2.0
// What a network costs each cost model that ships, in batches of a search on one core: processor time of one network in
// the first batch that an instance is given, and in later ones. Arguments: size of a batch (128) and number of batches
// (16). Beside the times: how many operations of the candidates are new, as a part of a program's beginning that no
// candidate before shares (in the batch, and since the first batch).
//
// For comparison: lstm one candidate after the other, alone, and from the states that the host keeps
// (sotto.incremental), as it does with costly plug-ins.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bench/cost_model_batches/candidates.hpp"
#include "engine/plugin/registry.hpp"
#include "tests/cost_models/learned/costly_plugin.hpp"
#include "tools/installed/installed_plugins.hpp"

namespace {

using namespace sotto;

constexpr int repetitions = 3;  // the fastest counts: what disturbs a machine only adds

double processor_us() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

auto key_of(const secure::Operation& operation) {
    const auto shape = [](const arch::Shape& s) { return std::tuple(s.channels, s.height, s.width); };
    const arch::Window& w = operation.window;
    return std::tuple(operation.kind, operation.normalization, operation.truncates, operation.elements,
                      shape(operation.input), shape(operation.output),
                      std::tuple(w.kernel_height, w.kernel_width, w.stride_height, w.stride_width, w.pad_top,
                                 w.pad_bottom, w.pad_left, w.pad_right));
}

// Beginnings of programs, as a tree.
class Beginnings {
  public:
    // Returns how many operations it had not seen after the ones before them.
    std::size_t add(const secure::SecureProgram& program) {
        std::size_t node = 0;
        std::size_t added = 0;
        for (const secure::Operation& operation : program.operations) {
            const auto [at, is_new] = nodes_.try_emplace({node, key_of(operation)}, nodes_.size() + 1);
            node = at->second;
            added += is_new ? 1 : 0;
        }
        return added;
    }

  private:
    std::map<std::pair<std::size_t, decltype(key_of({}))>, std::size_t> nodes_;
};

void describe(const bench::CandidateSpace& space, std::span<const secure::SecureProgram> programs, std::size_t size) {
    Beginnings since_start;
    std::size_t operations = 0;
    std::size_t new_in_batch = 0;
    std::size_t new_since_start = 0;
    for (std::size_t first = 0; first < programs.size(); first += size) {
        Beginnings in_batch;
        for (const secure::SecureProgram& program : programs.subspan(first, size)) {
            operations += program.operations.size();
            new_in_batch += in_batch.add(program);
            new_since_start += since_start.add(program);
        }
    }
    std::printf("%s: %.0f operations a network; new beginnings: %.0f %% in a batch, %.0f %% since the start\n",
                space.name.c_str(), static_cast<double>(operations) / static_cast<double>(programs.size()),
                100.0 * static_cast<double>(new_in_batch) / static_cast<double>(operations),
                100.0 * static_cast<double>(new_since_start) / static_cast<double>(operations));
}

double microseconds_a_network(const plugin::Instance& instance, std::span<const secure::SecureProgram> programs) {
    std::vector<plugin::CandidateView> views(programs.size());
    std::vector<const plugin::CandidateView*> pointers;
    std::vector<plugin::Score> scores(programs.size());
    for (std::size_t i = 0; i < programs.size(); ++i) {
        views[i].set(i, nullptr, &programs[i]);
        pointers.push_back(&views[i]);
    }
    const double start = processor_us();
    instance.evaluate(pointers, scores);
    const double end = processor_us();
    for (const plugin::Score& score : scores) {
        if (score.status != plugin::Score::Status::ok) {
            throw plugin::PluginError(score.reason);
        }
    }
    return (end - start) / static_cast<double>(programs.size());
}

// Of the first batch and, as their median, of the later ones; one_by_one: with a call for each candidate.
std::pair<double, double> times(plugin::Registry& registry, const std::string& model,
                                std::span<const secure::SecureProgram> programs, std::size_t size,
                                bool one_by_one = false) {
    const auto instance = registry.create(plugin::Kind::cost_model, model, {{"setting", "lan"}});
    std::vector<double> all;
    for (std::size_t first = 0; first < programs.size(); first += size) {
        const std::span<const secure::SecureProgram> batch = programs.subspan(first, size);
        double sum = 0;
        for (std::size_t i = 0; one_by_one && i < batch.size(); ++i) {
            sum += microseconds_a_network(*instance, batch.subspan(i, 1));
        }
        all.push_back(one_by_one ? sum / static_cast<double>(size) : microseconds_a_network(*instance, batch));
    }
    const double first = all.front();
    all.erase(all.begin());
    std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2), all.end());
    return {first, all[all.size() / 2]};
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t size = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 128;
    const std::size_t batches = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 16;
    if (argc > 3 || size < 1 || batches < 2) {
        std::fprintf(stderr, "Usage: cost_model_batches [SIZE] [BATCHES], at least 1 and 2\n");
        return 2;
    }
    plugin::Registry registry({});
    const tools::InstalledPlugins installed(registry, tools::plugin_directories());
    plugin::Registry costly({});
    costly.add_built_in(sample::costly_learned_plugin_entry(), "learned");
    for (const bench::CandidateSpace& space : bench::candidate_spaces()) {
        const std::vector<secure::SecureProgram> programs = bench::candidates_of(space, size * batches);
        describe(space, programs, size);
        std::printf("  batches of %-4zu   us in the first   us later on\n", size);
        const auto print = [&](const char* name, plugin::Registry& from, const char* model, bool one_by_one) {
            std::pair<double, double> best = times(from, model, programs, size, one_by_one);
            for (int i = 1; i < repetitions; ++i) {
                const auto [first, later] = times(from, model, programs, size, one_by_one);
                best = {std::min(best.first, first), std::min(best.second, later)};
            }
            std::printf("  %-20s %12.1f %13.1f\n", name, best.first, best.second);
            std::fflush(stdout);
        };
        for (const char* const model : {"analytical", "protocol", "mlp", "lstm"}) {
            print(model, registry, model, false);
        }
        print("lstm, one by one", registry, "lstm", true);
        print("lstm, kept states", costly, "lstm", true);
    }
    return 0;
}
