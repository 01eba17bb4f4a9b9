// SPDX-License-Identifier: Apache-2.0
// cost_models_report: what every cost model is worth on times it was not trained on, beside the published figures and
// the limits. docs/cost_models.md says what is asked.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench/cost_models_report/experiments.hpp"
#include "bench/cost_models_report/json_report.hpp"
#include "bench/cost_models_report/picture.hpp"
#include "bench/cost_models_report/text_report.hpp"
#include "cost_models/trainable/trainable_models.hpp"
#include "engine/input/input_error.hpp"

namespace {

bool write(const std::string& path, const std::string& text) {
    std::ofstream stream(path, std::ios::binary | std::ios::trunc);
    stream << text;
    stream.close();
    if (!stream) {
        std::cerr << path << ": cannot be written\n";
    }
    return static_cast<bool>(stream);
}

}  // namespace

int main(int argument_count, char** arguments) {
    using namespace sotto;
    CLI::App app("Errors of the cost models on times they were not trained on, beside the published figures.");
    app.name("cost_models_report");
    report::Options options;
    options.data = SOTTO_SOURCE_DIRECTORY "/../shared";
    options.measured = SOTTO_SOURCE_DIRECTORY "/cost_models/data/cheetah_measured";
    options.threads = std::max(1U, std::thread::hardware_concurrency());
    options.cache = "cost_models_report_cache";
    bool no_cache = false;
    std::string json;
    std::string picture = "cost_models_report.svg";
    app.add_option("--data", options.data,
                   "folder with the published measurements, data/snni_public, and figures, reference; without it the "
                   "measured networks alone are reported")
        ->capture_default_str();
    app.add_option("--measured", options.measured, "folder with our measurements: local.csv, lan.csv, wan.csv")
        ->capture_default_str();
    app.add_option("--models", options.models, "models to report, separated by commas; default: all")->delimiter(',');
    app.add_option("--cache", options.cache, "folder for the predictions of trained models")->capture_default_str();
    app.add_flag("--no-cache", no_cache, "keep and reuse nothing");
    app.add_option("--threads", options.threads, "folds that are trained at once")
        ->check(CLI::Range(1U, 1024U))
        ->capture_default_str();
    app.add_flag("--quick", options.quick,
                 "one seed; of mlp and lstm train the reference networks alone, and take the rest from the cache");
    app.add_option("--sections", options.sections,
                   "compute these alone, separated by commas: shuffled rows, unseen configurations, reference networks "
                   "left out, all networks left out; default: all")
        ->delimiter(',')
        ->check(
            CLI::IsMember(std::vector<std::string>(report::section_names().begin(), report::section_names().end())));
    app.add_option("--json", json, "file for the report as JSON");
    app.add_option("--picture", picture, "file for predicted against measured times (SVG); empty: none")
        ->capture_default_str();
    try {
        app.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    try {
        if (no_cache) {
            options.cache.clear();
        }
        if (options.models.empty()) {
            for (const std::string_view id : training::trainable_model_ids()) {
                options.models.emplace_back(id);
            }
        }
        const report::Report result = report::run_experiments(options);
        std::cout << report::to_text(result);
        bool is_written = json.empty() || write(json, report::to_json(result).dump(1) + '\n');
        is_written = (picture.empty() || write(picture, report::to_svg(result))) && is_written;
        return is_written && result.failures.empty() ? 0 : 1;
    } catch (const input::InputError& error) {
        std::cerr << error.what() << '\n';
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "cost_models_report: " << error.what() << '\n';
        return 1;
    }
}
