// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/cost_models_report/report_data.hpp"

namespace sotto::report {

struct Options {
    std::string data;      ///< folder with data/snni_public and reference
    std::string measured;  ///< folder with our own measurements: {local,lan,wan}.csv
    std::vector<std::string> models;
    std::string cache;  ///< folder; empty: nothing is kept
    unsigned threads = 1;
    bool quick = false;
    std::vector<std::string> sections;  ///< of section_names(); empty: all, and the times
};

/// What can be asked for alone.
std::span<const std::string_view> section_names();

/// Everything of the report but the text. Progress goes to standard error. Data that are not there and models that
/// cannot be had become notes. Throws input::InputError for data that are there and not in order.
Report run_experiments(const Options& options);

/// Times the plug-ins of `models` and adds to `report`: results, and notes for those that are not installed.
void measure_speed(const std::vector<std::string>& models, bool quick, Report& report);

/// Hash of the sources that decide what a trained model predicts, taken when the program was built.
std::string code_version();

}  // namespace sotto::report
