// SPDX-License-Identifier: Apache-2.0
#include "tests/tools/stored_run.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <vector>

#include "engine/run/front_files.hpp"
#include "engine/run/store.hpp"
#include "tests/tools/process.hpp"

namespace sotto::tests {
namespace {

// The page of a run has one line that differs between equal runs: file name and times.
std::string without_circumstances(const std::string& text) {
    const std::size_t begin = text.find("<p class=\"circumstances\">");
    return begin == std::string::npos ? text : text.substr(0, begin) + text.substr(text.find('\n', begin));
}

}  // namespace

std::string files_of(const std::string& directory) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (entry.is_regular_file() && entry.path().filename().string().rfind("run.db", 0) != 0) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    std::string text;
    for (const auto& file : files) {
        text += std::filesystem::relative(file, directory).string() + '\n' +
                (file.filename() == "report.html" ? without_circumstances(read_text(file)) : read_text(file)) + '\n';
    }
    return text;
}

std::string rows_of(const std::string& directory) {
    const run::Store store = run::Store::open(directory + "/run.db", run::Store::Access::read_only);
    std::ostringstream text;
    for (const run::StoredCandidate& row : store.candidates()) {
        text << row.id << ' ' << row.generation << ' ' << row.index << ' ' << row.source << ' '
             << (row.hash ? to_text(*row.hash) : "none") << ' ' << row.rejection << ' ' << row.genome << '\n';
    }
    store.for_each_evaluation([&](const evaluate::Evaluation& row) {
        text << to_text(row.hash) << ' ' << evaluate::to_text(row.status) << ' ' << row.reason << ' '
             << run::number_text(row.constraint_violation);
        for (const double metric : row.metrics) {
            text << ' ' << run::number_text(metric);
        }
        text << '\n';
    });
    for (const run::StoredGeneration& row : store.generations()) {
        text << row.generation << ' ' << row.evaluations << ' ' << row.distinct << ' ' << row.front_size << ' '
             << run::number_text(row.hypervolume) << ' ' << row.candidates << ' ' << row.cache_hits << ' '
             << row.rejected << ' ' << row.constrained << ' ' << row.unsupported << ' ' << row.failed << '\n';
        for (const run::StoredOperator& credit : store.operators(row.generation)) {
            text << "  " << credit.name << ' ' << run::number_text(credit.probability) << ' ' << credit.children << ' '
                 << credit.successes << '\n';
        }
    }
    for (const run::StoredStageScore& row : store.stage_scores()) {
        text << row.stage << ' ' << to_text(row.hash) << ' ' << row.candidate << ' ' << evaluate::to_text(row.status)
             << ' ' << row.reason;
        for (const auto& [metric, value] : row.metrics) {
            text << ' ' << metric << ' ' << run::number_text(value);
        }
        text << '\n';
    }
    return text.str();
}

}  // namespace sotto::tests
