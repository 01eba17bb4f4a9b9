// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/coefficients.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "cost_models/model_file/json_fields.hpp"
#include "engine/input/input_error.hpp"

namespace sotto::protocol {
namespace {

using input::InputError;
using model_file::JsonFields;
using nlohmann::json;

constexpr std::int64_t version = 1;
constexpr std::string_view model_id = "protocol";
constexpr std::array<std::string_view, 2> roles = {"client", "server"};
constexpr std::array<std::string_view, target_count> target_names = {"client", "server", "wait"};
constexpr std::array<std::string_view, 2> coupling_names = {"coupled", "separated"};

// For a reader of the file alone.
constexpr std::string_view predicts_key = "predicts";
constexpr std::string_view predicts =
    "milliseconds of wall clock time of one operation on one role: the sum over columns of price times value; the "
    "price "
    "of link bytes times milliseconds per byte, of link messages times the one-way delay";
constexpr std::string_view total_key = "total";
constexpr std::array<std::string_view, 2> total_texts = {
    "the larger of the parties' sums over operations; the server's include waiting for the client",
    "the sum over operations of the slower party's time: both meet at a barrier after each"};

constexpr std::array<std::string_view, 7> root_keys = {predicts_key, total_key, "coupling",        "prices",
                                                       "rows",       "spread",  "calibration_rows"};
constexpr std::array<std::string_view, 3> spread_keys = {"client", "server", "total"};
constexpr std::array<std::string_view, 2> spread_fields = {"relative", "short_ms"};

constexpr double largest_price = 1e9;
constexpr std::int64_t most_rows = 1'000'000'000;

std::vector<std::string_view> names_of(const json& object) {
    std::vector<std::string_view> names;
    for (const auto& item : object.items()) {
        names.push_back(item.key());
    }
    return names;
}

template <std::size_t Count>
std::array<std::string_view, Count> all_names(std::string_view (*name)(std::size_t)) {
    std::array<std::string_view, Count> names;
    for (std::size_t i = 0; i < Count; ++i) {
        names[i] = name(i);
    }
    return names;
}

std::array<std::string_view, cost_kind_count> kind_names() {
    return all_names<cost_kind_count>([](std::size_t i) { return cost_kind_name(static_cast<CostKind>(i)); });
}

ColumnValues read_prices(const JsonFields& fields, const json& object) {
    ColumnValues prices{};
    for (const std::string_view name : names_of(object)) {
        const auto column = find_column(name);
        if (!column) {
            std::vector<std::string_view> known;
            for (std::size_t i = 0; i < column_count; ++i) {
                known.push_back(column_info(static_cast<Column>(i)).name);
            }
            fields.fail(name, "unknown column", "a column of docs/cost_models.md",
                        std::string(input::nearest_name(name, known)));
        }
        prices[static_cast<std::size_t>(*column)] = fields.number(name, 0, largest_price);
    }
    return prices;
}

Spread read_spread(const JsonFields& fields) {
    fields.require_keys(spread_fields);
    return {fields.number("relative", 0, largest_price), fields.number("short_ms", 0, largest_price)};
}

json to_json(const Spread& spread) {
    return {{"relative", spread.relative}, {"short_ms", spread.short_ms}};
}

json to_json(const ColumnValues& prices) {
    json object = json::object();
    for (std::size_t i = 0; i < column_count; ++i) {
        if (prices[i] > 0) {
            object[std::string(column_info(static_cast<Column>(i)).name)] = prices[i];
        }
    }
    return object;
}

}  // namespace

double Spread::deviation_ms(double total_ms, double moved_ms) const noexcept {
    const double fitted_ms = relative * std::sqrt(total_ms * (total_ms + short_ms));
    return moved_ms > 0 ? std::hypot(fitted_ms, extrapolated_share * moved_ms) : fitted_ms;
}

EngineProfile engine_of(const model_file::EngineProfile& engine, const std::string& setting, const std::string& name) {
    static constexpr std::array<std::string_view, 2> modelled = {"opencheetah-2022", "opencheetah-2023"};
    const EngineProfile* const profile = find_profile(engine.name);
    if (profile == nullptr || std::find(modelled.begin(), modelled.end(), engine.name) == modelled.end()) {
        throw InputError({{name, 0, 0},
                          "'protocol' has no model of this engine",
                          '\'' + engine.name + '\'',
                          input::list_names(modelled),
                          std::string(input::nearest_name(engine.name, modelled))});
    }
    EngineParameters parameters = profile->parameters();
    parameters.threads = engine.name == modelled[0] && setting == "local" ? 4 : 1;
    const JsonFields fields(engine.parameters, name, "engine.parameters");
    for (const std::string_view key : names_of(engine.parameters)) {
        if (key == "bit_length") {
            parameters.bit_length = static_cast<int>(fields.integer(key, 8, 44));
        } else if (key == "threads") {
            parameters.threads = static_cast<int>(fields.integer(key, 1, 1024));
        } else {
            fields.fail(key, "unknown parameter of an engine", "bit_length or threads");
        }
    }
    try {
        return profile->with(parameters);
    } catch (const std::invalid_argument& error) {
        throw InputError({{name, 0, 0}, error.what(), {}, {}, {}});
    }
}

Coefficients read_coefficients(const model_file::ModelFile& model, const std::string& name) {
    if (model.model_version != version || !model.tensors.empty() || model.roles.size() != roles.size()) {
        throw InputError({{name, 0, 0},
                          "is no model that this version of 'protocol' reads",
                          "version " + std::to_string(model.model_version) + ", " +
                              std::to_string(model.tensors.size()) + " tensors, " + std::to_string(model.roles.size()) +
                              " roles",
                          "version " + std::to_string(version) + ", no tensors, both roles",
                          {}});
    }
    const JsonFields fields(model.parameters, name, "parameters");
    fields.require_keys(root_keys);
    Coefficients coefficients;
    coefficients.coupling =
        fields.one_of("coupling", coupling_names) == coupling_names[0] ? Coupling::coupled : Coupling::separated;

    const JsonFields prices = fields.object("prices");
    prices.require_keys(target_names);
    for (std::size_t i = 0; i < target_count; ++i) {
        coefficients.prices[i] = read_prices(prices.object(target_names[i]), prices.at(target_names[i]));
    }
    const JsonFields rows = fields.object("rows");
    const auto kinds = kind_names();
    rows.require_keys(kinds);
    for (std::size_t i = 0; i < cost_kind_count; ++i) {
        coefficients.rows[i] = rows.integer(kinds[i], 0, most_rows);
    }
    const JsonFields spread = fields.object("spread");
    spread.require_keys(spread_keys);
    coefficients.client = read_spread(spread.object("client"));
    coefficients.server = read_spread(spread.object("server"));
    coefficients.total = read_spread(spread.object("total"));
    coefficients.calibration_rows = fields.integer("calibration_rows", 0, most_rows);
    return coefficients;
}

void write_coefficients(const Coefficients& coefficients, const EngineProfile& engine, model_file::ModelFile& model) {
    model.model = model_id;
    model.model_version = version;
    model.roles = {roles.begin(), roles.end()};
    model.engine.parameters = {{"bit_length", engine.parameters().bit_length},
                               {"threads", engine.parameters().threads}};
    model.tensors.clear();
    model.features.clear();
    for (std::size_t i = 0; i < column_count; ++i) {
        const ColumnInfo& info = column_info(static_cast<Column>(i));
        const bool is_priced = coefficients.prices[0][i] + coefficients.prices[1][i] + coefficients.prices[2][i] > 0;
        if (is_priced) {
            model.features.push_back(std::string(info.name) + ": " + std::string(info.meaning));
        }
    }
    const auto coupling = static_cast<std::size_t>(coefficients.coupling);
    json prices = json::object();
    for (std::size_t i = 0; i < target_count; ++i) {
        prices[std::string(target_names[i])] = to_json(coefficients.prices[i]);
    }
    json rows = json::object();
    const auto kinds = kind_names();
    for (std::size_t i = 0; i < cost_kind_count; ++i) {
        rows[std::string(kinds[i])] = coefficients.rows[i];
    }
    model.parameters = {{predicts_key, predicts},
                        {total_key, total_texts[coupling]},
                        {"coupling", coupling_names[coupling]},
                        {"prices", std::move(prices)},
                        {"rows", std::move(rows)},
                        {"spread",
                         {{"client", to_json(coefficients.client)},
                          {"server", to_json(coefficients.server)},
                          {"total", to_json(coefficients.total)}}},
                        {"calibration_rows", coefficients.calibration_rows}};
}

}  // namespace sotto::protocol
