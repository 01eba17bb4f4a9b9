// SPDX-License-Identifier: Apache-2.0
//
// proxy_speed: candidates a second for synflow and NASWOT, against the same computation in Python (proxies.py) on the
// same LibTorch: same networks of NAS-Bench-201, weights and images, in turns in one run, all processors each. Scores
// are compared, so that both compute the same.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "engine/arch/canonical_hash.hpp"
#include "engine/plugin/instance.hpp"
#include "plugins/accuracy/graph.hpp"
#include "search/statistics/quantile.hpp"
#include "tools/command_line/command_line.hpp"
#include "tools/command_line/stop_request.hpp"
#include "tools/nas-predict/candidate_list.hpp"
#include "tools/nas-predict/plug_ins.hpp"
#include "tools/nas-predict/score_request.hpp"
#include "tools/nas-predict/scoring.hpp"

namespace {

using namespace sotto;
using namespace sotto::tools;
using nlohmann::json;

struct Options {
    std::string space = SOTTO_SOURCE_DIRECTORY "/configs/nasbench201_space.yaml";
    std::string python = "python3";
    std::size_t networks = 60;
    std::size_t rounds = 5;
    std::size_t workers = std::max(1U, std::thread::hardware_concurrency());
    int size = 32;
    int batch = 32;
};

constexpr std::uint64_t run_seed = 1;

json to_json(const accuracy::Graph& graph, std::uint64_t seed) {
    json layers = json::array();
    for (std::size_t index = 0; index < graph.nodes().size(); ++index) {
        const accuracy::Node& node = graph.nodes()[index];
        const sotto_window& window = node.window;
        json layer = {{"channels", node.output.channels}, {"operands", json::array()}};
        for (const std::uint32_t operand : graph.operands(index)) {
            layer["operands"].push_back(operand);
        }
        if (window.pad_top != window.pad_bottom || window.pad_left != window.pad_right) {
            throw std::runtime_error("uneven pads are not in proxies.py");
        }
        layer["kernel"] = {window.kernel_height, window.kernel_width};
        layer["stride"] = {window.stride_height, window.stride_width};
        layer["pad"] = {window.pad_top, window.pad_left};
        switch (node.kind) {
            case SOTTO_LAYER_INPUT:
                layer["kind"] = "input";
                break;
            case SOTTO_LAYER_CONVOLUTION:
                layer["kind"] = "convolution";
                layer["groups"] = node.groups;
                layer["key"] = std::to_string(node.key);
                layer["weight"] = {node.output.channels, node.input.channels / node.groups, window.kernel_height,
                                   window.kernel_width};
                break;
            case SOTTO_LAYER_FULLY_CONNECTED:
                layer["kind"] = "fully_connected";
                layer["key"] = std::to_string(node.key);
                layer["weight"] = {node.output.channels, graph.fan_in(index)};
                break;
            case SOTTO_LAYER_BATCH_NORMALIZATION:
                layer["kind"] = "normalization";
                break;
            case SOTTO_LAYER_ACTIVATION:
                layer["kind"] = node.activation == SOTTO_ACTIVATION_RELU ? "relu" : "other";
                break;
            case SOTTO_LAYER_AVERAGE_POOL:
                layer["kind"] = "average_pool";
                break;
            case SOTTO_LAYER_GLOBAL_AVERAGE_POOL:
                layer["kind"] = "global_average_pool";
                break;
            case SOTTO_LAYER_ADD:
                layer["kind"] = "add";
                break;
            default:
                layer["kind"] = "other";
        }
        layers.push_back(std::move(layer));
    }
    return {{"seed", std::to_string(seed)}, {"layers", layers}};
}

void write_networks(CandidateList& candidates, const std::string& file) {
    json networks = json::array();
    const evaluate::Source source = candidates.source(0, 1);
    for (std::size_t index = 0; index < candidates.size(); ++index) {
        std::string rejection;
        const arch::Network* const network = source(index, 0, rejection);
        if (network == nullptr) {
            throw std::runtime_error("a member gives no network: " + rejection);
        }
        plugin::CandidateView view;
        const std::uint64_t seed = evaluate::candidate_seed(run_seed, arch::canonical_hash(*network));
        view.set(seed, network, nullptr);
        networks.push_back(to_json(accuracy::Graph(*view.view().network), seed));
    }
    std::ofstream(file) << networks;
}

struct Timing {
    double seconds = 0;
    std::vector<double> scores;
};

Timing run_python(const Options& options, const std::string& file, const std::string& proxy, std::size_t processes,
                  std::size_t threads) {
    const std::string command = options.python + " " SOTTO_SOURCE_DIRECTORY "/bench/proxy_speed/proxies.py " + file +
                                ' ' + proxy + ' ' + std::to_string(options.size) + ' ' + std::to_string(options.batch) +
                                ' ' + std::to_string(processes) + ' ' + std::to_string(threads);
    FILE* const pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) {
        throw std::runtime_error("cannot start " + options.python);
    }
    std::string text;
    std::array<char, 4096> buffer{};
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        text.append(buffer.data(), count);
    }
    if (::pclose(pipe) != 0) {
        throw std::runtime_error(options.python + " failed: it needs torch (Debian: python3-torch), numpy and scipy");
    }
    const json answer = json::parse(text);
    return {answer.at("seconds"), answer.at("scores").get<std::vector<double>>()};
}

double largest_relative_difference(const std::vector<double>& left, const std::vector<double>& right) {
    double most = 0;
    for (std::size_t index = 0; index < left.size(); ++index) {
        most = std::max(most, std::fabs(left[index] - right[index]) / std::fabs(right[index]));
    }
    return most;
}

int run(int argument_count, const char* const* arguments) {
    CLI::App app{"synflow and NASWOT against the same computation in Python.", "proxy_speed"};
    Options options;
    app.add_option("--space", options.space, "Networks are random members of it")->capture_default_str();
    app.add_option("--networks", options.networks)->capture_default_str();
    app.add_option("--rounds", options.rounds, "Each side is timed so often, in turns")->capture_default_str();
    app.add_option("--workers", options.workers, "Processors for each side")->capture_default_str();
    app.add_option("--size", options.size, "Height and width of the images")->capture_default_str();
    app.add_option("--batch", options.batch, "Images of NASWOT")->capture_default_str();
    app.add_option("--python", options.python, "The interpreter")->capture_default_str();
    if (const std::optional<int> code = parse_command_line(app, argument_count, arguments)) {
        return *code;
    }
    handle_stop_signals();
    CandidateList candidates = CandidateList::of_sample(options.space, options.networks, run_seed);
    std::string file = (std::filesystem::temp_directory_path() / "sotto-proxy-speed-XXXXXX").string();
    ::close(::mkstemp(file.data()));
    write_networks(candidates, file);
    PlugIns plug_ins;

    std::printf("%zu networks of %zu, images of %dx%d, %zu workers, median of %zu rounds\n", candidates.size(),
                options.networks, options.size, options.size, options.workers, options.rounds);
    std::printf("%-10s %14s %22s %22s %8s %8s %8s %12s\n", "", "Sotto [1/s]", "Python processes [1/s]",
                "Python threads [1/s]", "ratio", "least", "most", "difference");
    for (const std::string proxy : {"synflow", "naswot"}) {
        ScoreRequest request;
        request.metrics = {"accuracy." + proxy};
        request.threads = options.workers;
        request.seed = run_seed;
        request.model.parameters = {proxy + ".input_size=" + std::to_string(options.size)};
        if (proxy == "naswot") {
            request.model.parameters.push_back("naswot.batch=" + std::to_string(options.batch));
        }
        std::vector<double> ours;
        std::vector<double> processes;
        std::vector<double> threads;
        std::vector<double> ratios;
        double difference = 0;
        const auto count = static_cast<double>(candidates.size());
        for (std::size_t round = 0; round < options.rounds; ++round) {
            std::vector<std::string> notes;
            Scoring scoring = make_scoring(request, plug_ins, notes);
            std::vector<double> scores;
            const auto start = std::chrono::steady_clock::now();
            scoring.run(candidates, stop_flag(), [&](const std::vector<ScoredCandidate>& part) {
                for (const ScoredCandidate& candidate : part) {
                    scores.push_back(candidate.metrics.front());
                }
            });
            const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
            if (stop_flag()) {
                throw Interrupted{};
            }
            const Timing in_processes = run_python(options, file, proxy, options.workers, 1);
            const Timing in_threads = run_python(options, file, proxy, 1, options.workers);
            ours.push_back(count / elapsed.count());
            processes.push_back(count / in_processes.seconds);
            threads.push_back(count / in_threads.seconds);
            ratios.push_back(ours.back() / std::max(processes.back(), threads.back()));
            difference = std::max(difference, largest_relative_difference(scores, in_processes.scores));
        }
        std::printf("%-10s %14.1f %22.1f %22.1f %8.2f %8.2f %8.2f %12.1e\n", proxy.c_str(),
                    statistics::quantile(ours, 0.5), statistics::quantile(processes, 0.5),
                    statistics::quantile(threads, 0.5), statistics::quantile(ratios, 0.5),
                    *std::min_element(ratios.begin(), ratios.end()), *std::max_element(ratios.begin(), ratios.end()),
                    difference);
        std::fflush(stdout);
    }
    std::filesystem::remove(file);
    return done;
}

}  // namespace

int main(int argument_count, char** arguments) {
    return run_guarded("proxy_speed", [&] { return run(argument_count, arguments); });
}
