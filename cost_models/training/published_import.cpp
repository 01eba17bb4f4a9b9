// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/published_import.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include "cost_models/training/latency_trainer.hpp"
#include "cost_models/training/operation_columns.hpp"
#include "cost_models/training/published_rows.hpp"
#include "engine/input/input_error.hpp"

namespace sotto::training {
namespace {

using input::InputError;

[[noreturn]] void fail(const std::string& file, int line, std::string problem, std::string found,
                       std::string expected) {
    throw InputError({{file, line, 0}, std::move(problem), std::move(found), std::move(expected), {}});
}

MeasuredOperation measured(const PublishedRow& row) {
    constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
    MeasuredOperation operation;
    operation.operation = row.operation;
    operation.client_ms = row.client_ms;
    operation.server_ms = row.server_ms;
    operation.client_cpu_ms = operation.server_cpu_ms = not_known;
    operation.client_sent_bytes = operation.server_sent_bytes = not_known;
    operation.flows = operation.client_ots = operation.server_ots = not_known;
    return operation;
}

// What the logs do not say: positions, and which ReLUs rescale, which are those that read the product of a linear
// operation, directly or through pools.
void complete(Execution& execution) {
    bool is_product = false;
    std::uint32_t position = 0;
    for (MeasuredOperation& row : execution.operations) {
        row.operation.layer = position++;
        switch (row.operation.kind) {
            case SOTTO_OPERATION_CONVOLUTION:
            case SOTTO_OPERATION_FULLY_CONNECTED:
            case SOTTO_OPERATION_BATCH_NORMALIZATION:
                is_product = true;
                break;
            case SOTTO_OPERATION_RELU:
                row.operation.truncates = is_product ? 1 : 0;
                is_product = false;
                break;
            case SOTTO_OPERATION_TRUNCATION:
                is_product = false;
                break;
            default:
                break;
        }
    }
}

std::string described(const sotto_operation& operation) {
    return std::string(operation_name(operation.kind)) + " of " + std::to_string(operation.elements) + " elements";
}

// Rows that say where they belong.
MeasurementTable assemble(const std::string& directory, const std::vector<PublishedRows>& types,
                          const std::optional<std::vector<LayerSequence>>& sequences) {
    struct Place {
        const PublishedRow* row;
        const std::string* file;
    };
    std::vector<std::string> order;
    std::map<std::string, std::map<std::pair<std::int64_t, std::int64_t>, std::map<std::int64_t, Place>>> networks;
    if (sequences) {
        for (const LayerSequence& sequence : *sequences) {
            order.push_back(sequence.network);
            networks[sequence.network];
        }
    }
    for (const PublishedRows& type : types) {
        for (const PublishedRow& row : type.rows) {
            const auto [network, is_new] = networks.try_emplace(row.network);
            if (is_new && sequences) {
                fail(type.file, row.line, "the network is not in the list of layers", '\'' + row.network + '\'', {});
            }
            if (is_new) {
                order.push_back(row.network);
            }
            const auto [place, is_first] =
                network->second[{row.run, row.part}].try_emplace(row.position, Place{&row, &type.file});
            if (!is_first) {
                fail(type.file, row.line, "a position stands twice", std::to_string(row.position),
                     "one row for each, the other is " + *place->second.file + ':' +
                         std::to_string(place->second.row->line));
            }
        }
    }
    MeasurementTable table;
    for (std::size_t n = 0; n < order.size(); ++n) {
        const auto& runs = networks.at(order[n]);
        if (runs.empty()) {
            fail(directory, 0, "a network of the list of layers was not measured", {}, '\'' + order[n] + '\'');
        }
        std::vector<sotto_operation> expected;
        if (sequences) {
            expected = (*sequences)[n].operations;
        } else {
            for (const auto& [position, place] : runs.begin()->second) {
                expected.push_back(place.row->operation);
            }
        }
        std::int64_t number = 0;
        for (const auto& [run, rows] : runs) {
            Execution& execution = table.executions.emplace_back();
            execution.network = order[n];
            execution.run = ++number;
            for (const auto& [position, place] : rows) {
                const auto at = execution.operations.size();
                if (position != static_cast<std::int64_t>(at)) {
                    fail(*place.file, place.row->line, "a position of the run is missing", std::to_string(position),
                         std::to_string(at));
                }
                if (at >= expected.size() || !is_same(expected[at], place.row->operation)) {
                    fail(*place.file, place.row->line,
                         sequences ? "the operation is not that of the list of layers" : "runs of a network differ",
                         described(place.row->operation),
                         at < expected.size() ? described(expected[at]) : "the end of '" + order[n] + '\'');
                }
                execution.operations.push_back(measured(*place.row));
            }
            if (execution.operations.size() != expected.size()) {
                const Place& last = rows.rbegin()->second;
                fail(*last.file, last.row->line, "the run is not complete",
                     std::to_string(execution.operations.size()) + " operations", std::to_string(expected.size()));
            }
        }
    }
    return table;
}

// Puts rows that stand in the order network, run, position, but each layer type by itself, back together: finds how
// often each network of the list ran.
class Reconstruction {
  public:
    Reconstruction(const std::vector<PublishedRows>& types, const std::vector<LayerSequence>& sequences)
        : types_(types), sequences_(sequences), next_(types.size(), 0) {}

    MeasurementTable run() {
        const int solutions = solve(0);
        next_.assign(types_.size(), 0);
        if (solutions == 0) {
            explain();
        }
        if (solutions > 1) {
            fail(types_.front().file, 0, "the rows fit the list of layers in several ways", {}, "one");
        }
        for (const LayerSequence& sequence : sequences_) {
            const std::int64_t runs = runs_[static_cast<std::size_t>(&sequence - sequences_.data())];
            for (std::int64_t number = 1; number <= runs; ++number) {
                take(sequence, number);
            }
        }
        return std::move(table_);
    }

  private:
    const PublishedRow& row(std::size_t type) const { return types_[type].rows[next_[type]]; }

    // The files of one kind of batch normalisation are told apart by it.
    std::size_t type_of(const sotto_operation& operation) const {
        for (std::size_t type = 0; type < types_.size(); ++type) {
            if (!types_[type].rows.empty() && types_[type].rows.front().operation.kind == operation.kind &&
                types_[type].rows.front().operation.normalization == operation.normalization) {
                return type;
            }
        }
        return types_.size();
    }

    // The first operation of a sequence that is not what its file has next; nothing where all fit.
    std::optional<std::size_t> mismatch(const LayerSequence& sequence, std::vector<std::size_t>& next) const {
        next = next_;
        for (std::size_t i = 0; i < sequence.operations.size(); ++i) {
            const sotto_operation& operation = sequence.operations[i];
            const std::size_t type = type_of(operation);
            if (type == types_.size() || next[type] >= types_[type].rows.size() ||
                !is_same(types_[type].rows[next[type]].operation, operation)) {
                return i;
            }
            ++next[type];
        }
        return std::nullopt;
    }

    // In how many ways, 2 standing for more, the rows from next_ on are runs of the networks from `first` on. Leaves
    // the last way found in runs_.
    int solve(std::size_t first) {
        if (first == sequences_.size()) {
            for (std::size_t type = 0; type < types_.size(); ++type) {
                if (next_[type] < types_[type].rows.size()) {
                    return 0;
                }
            }
            return 1;
        }
        const std::vector<std::size_t> begin = next_;
        const auto [known, is_new] = solutions_.try_emplace({first, begin}, 0);
        if (!is_new) {
            return known->second;
        }
        int solutions = 0;
        std::vector<std::size_t> after;
        for (std::int64_t runs = 1; solutions < 2 && !mismatch(sequences_[first], after); ++runs) {
            next_ = after;
            if (const int ways = solve(first + 1); ways > 0) {
                solutions = std::min(2, solutions + ways);
                runs_[first] = runs;
            }
            next_ = after;
        }
        next_ = begin;
        return known->second = solutions;
    }

    void take(const LayerSequence& sequence, std::int64_t number) {
        Execution& execution = table_.executions.emplace_back();
        execution.network = sequence.network;
        execution.run = number;
        for (const sotto_operation& operation : sequence.operations) {
            const std::size_t type = type_of(operation);
            execution.operations.push_back(measured(row(type)));
            ++next_[type];
        }
    }

    // Where the rows stop to fit if every network takes as many as it can.
    [[noreturn]] void explain() {
        for (const LayerSequence& sequence : sequences_) {
            std::vector<std::size_t> after;
            bool has_run = false;
            while (!mismatch(sequence, after)) {
                next_ = after;
                has_run = true;
            }
            if (!has_run) {
                fail_to_fit(sequence);
            }
        }
        for (std::size_t type = 0; type < types_.size(); ++type) {
            if (next_[type] < types_[type].rows.size()) {
                fail(types_[type].file, row(type).line, "rows are left over that fit no network",
                     described(row(type).operation), "the end of the file after '" + sequences_.back().network + '\'');
            }
        }
        fail(types_.front().file, 0, "the rows do not fit the list of layers", {}, {});
    }

    [[noreturn]] void fail_to_fit(const LayerSequence& sequence) const {
        std::vector<std::size_t> next;
        const std::size_t position = mismatch(sequence, next).value();
        const sotto_operation& operation = sequence.operations[position];
        const std::size_t type = type_of(operation);
        const std::string expected =
            described(operation) + ", operation " + std::to_string(position) + " of '" + sequence.network + '\'';
        if (type == types_.size()) {
            fail(types_.front().file, 0, "no file has such an operation", {}, expected);
        }
        const PublishedRows& rows = types_[type];
        const bool is_at_end = next[type] >= rows.rows.size();
        fail(rows.file, is_at_end ? 0 : rows.rows[next[type]].line, "the rows do not fit the list of layers",
             is_at_end ? "the end of the file" : described(rows.rows[next[type]].operation), expected);
    }

    const std::vector<PublishedRows>& types_;
    const std::vector<LayerSequence>& sequences_;
    std::vector<std::size_t> next_;  // of each layer type
    std::map<std::pair<std::size_t, std::vector<std::size_t>>, int> solutions_;
    std::vector<std::int64_t> runs_ = std::vector<std::int64_t>(sequences_.size(), 0);
    MeasurementTable table_;
};

// Without a list of layers nothing tells which rows belong to one network: every configuration stands for itself.
MeasurementTable by_configuration(const std::vector<PublishedRows>& types) {
    MeasurementTable table;
    for (const PublishedRows& type : types) {
        std::vector<std::vector<const PublishedRow*>> groups;
        for (const PublishedRow& row : type.rows) {
            auto group = std::find_if(groups.begin(), groups.end(), [&](const std::vector<const PublishedRow*>& other) {
                return is_same(other.front()->operation, row.operation);
            });
            if (group == groups.end()) {
                group = groups.emplace(groups.end());
            }
            group->push_back(&row);
        }
        for (std::size_t g = 0; g < groups.size(); ++g) {
            const sotto_operation& operation = groups[g].front()->operation;
            std::string name(operation_name(operation.kind));
            if (operation.kind == SOTTO_OPERATION_BATCH_NORMALIZATION) {
                name += operation.normalization == SOTTO_NORMALIZATION_HOMOMORPHIC ? "-homomorphic" : "-elementwise";
            }
            name += '-' + std::to_string(g + 1);
            for (std::size_t r = 0; r < groups[g].size(); ++r) {
                table.executions.push_back({name, static_cast<std::int64_t>(r) + 1, {measured(*groups[g][r])}});
            }
        }
    }
    return table;
}

}  // namespace

MeasurementTable import_published(const std::string& directory, std::string_view setting, const std::string& sequences,
                                  std::vector<std::string>* notes) {
    namespace fs = std::filesystem;
    std::vector<std::string_view> names;
    for (const Setting& known : settings()) {
        names.push_back(known.name);
    }
    if (find_setting(setting) == nullptr) {
        throw InputError({{directory, 0, 0},
                          "unknown setting",
                          '\'' + std::string(setting) + '\'',
                          input::list_names(names),
                          std::string(input::nearest_name(setting, names))});
    }
    std::optional<std::vector<LayerSequence>> list;
    std::error_code none;  // what cannot be looked at, such as a name that is too long, is not there
    const std::string own_list = directory + "/sequences/nets_layers.csv";
    if (!sequences.empty()) {
        list = read_layer_sequences(sequences);
    } else if (fs::exists(own_list, none)) {
        list = read_layer_sequences(own_list);
    }
    const std::string tidy = directory + '/' + std::string(setting);
    const std::string companion = directory + "/layer_onlyTime_" +
                                  (setting == "lan"   ? "LAN"
                                   : setting == "wan" ? "WAN"
                                                      : std::string(setting)) +
                                  "/dataset";
    MeasurementTable table;
    if (fs::is_directory(tidy + "/client", none)) {
        table = assemble(directory, read_tidy_rows(tidy), list);
    } else if (fs::is_directory(companion, none)) {
        const char* const inner = fs::is_directory(companion + "/data_origin", none) ? "/data_origin" : "/data_layer";
        const std::vector<PublishedRows> types = read_companion_rows(companion + inner);
        table = list ? Reconstruction(types, *list).run() : by_configuration(types);
        if (!list && notes != nullptr) {
            notes->emplace_back(
                "without a list of layers it is not known which ReLUs rescale: 'truncates' is 0 in every row; do not "
                "fit "
                "or check models that tell them apart with this table");
        }
    } else {
        throw InputError({{directory, 0, 0},
                          "no published measurements of the setting",
                          {},
                          '\'' + std::string(setting) + "/client' or '" + companion.substr(directory.size() + 1) + '\'',
                          {}});
    }
    for (Execution& execution : table.executions) {
        complete(execution);
    }
    return table;
}

}  // namespace sotto::training
