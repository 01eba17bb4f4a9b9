// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-train/measured_data.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <stdexcept>

#include "cost_models/training/measurement_table.hpp"
#include "engine/input/input_error.hpp"
#include "tools/command_line/stop_request.hpp"

namespace sotto::tools {
namespace {

using training::MeasurementTable;

bool is_utf8(const std::string& text) {
    try {
        static_cast<void>(nlohmann::json(text).dump());
        return true;
    } catch (const nlohmann::json::type_error&) {
        return false;
    }
}

// What a model file holds: names of at most 128 bytes, and UTF-8, which JSON is.
void check_name(const std::string& name, const std::string& path) {
    constexpr std::size_t longest_name = 128;
    if (name.empty() || name.size() > longest_name || !is_utf8(name)) {
        throw input::InputError({{path, 0, 0},
                                 "a model file cannot name this table",
                                 {},
                                 "a file name of 1 to " + std::to_string(longest_name) + " bytes of UTF-8",
                                 {}});
    }
}

model_file::DataSource data_source(const std::string& path, const MeasurementTable& table, const std::string& source,
                                   std::string_view text) {
    model_file::DataSource data;
    data.name = std::filesystem::path(path).filename().string();
    data.source = source;
    std::set<std::string> networks;
    for (const training::Execution& execution : table.executions) {
        networks.insert(execution.network);
        data.rows += static_cast<std::int64_t>(execution.operations.size());
    }
    data.networks = static_cast<std::int64_t>(networks.size());
    data.runs = static_cast<std::int64_t>(table.executions.size());
    data.hash = model_file::content_hash(text);
    return data;
}

}  // namespace

MeasuredData read_measured_data(const std::vector<std::string>& paths, const std::string& source) {
    MeasuredData data;
    std::vector<MeasurementTable>& tables = data.tables;
    if (!is_utf8(source)) {
        throw input::InputError({{}, "--source", {}, "UTF-8", {}});
    }
    for (const std::string& path : paths) {
        check_name(std::filesystem::path(path).filename().string(), path);
        const std::string text = [&] {
            const EndAtOnce now;
            return training::read_table_text(path);
        }();
        tables.push_back(training::parse_measurement_table(text, path, training::Times::required));
        data.sources.push_back(data_source(path, tables.back(), source, text));
        const std::string& hash = data.sources.back().hash;
        const auto same = std::find_if(data.sources.begin(), data.sources.end() - 1,
                                       [&](const model_file::DataSource& other) { return other.hash == hash; });
        if (same != data.sources.end() - 1) {
            const auto place = static_cast<std::size_t>(same - data.sources.begin());
            throw input::InputError({{path, 0, 0}, "is the same table as " + paths[place], {}, "each table once", {}});
        }
    }
    try {
        data.set = training::training_set(tables);
    } catch (const std::invalid_argument& error) {
        throw input::InputError({{paths.back(), 0, 0}, error.what(), {}, {}, {}});
    }
    return data;
}

std::string describe(const MeasuredData& data) {
    std::int64_t runs = 0;
    std::int64_t rows = 0;
    for (const model_file::DataSource& source : data.sources) {
        runs += source.runs;
        rows += source.rows;
    }
    return std::to_string(data.set.size()) + " networks, " + std::to_string(runs) + " runs, " + std::to_string(rows) +
           " operations";
}

}  // namespace sotto::tools
