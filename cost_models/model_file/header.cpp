// SPDX-License-Identifier: Apache-2.0
#include "cost_models/model_file/header.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <set>

#include "cost_models/model_file/json_fields.hpp"
#include "cost_models/model_file/shipped_models.hpp"

namespace sotto::model_file {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::array<std::string_view, 15> root_keys = {
    "model",    "model_version", "setting", "link",  "roles",        "engine",     "data",   "held_out",
    "features", "date",          "seed",    "split", "trained_with", "parameters", "tensors"};
constexpr std::array<std::string_view, 2> link_keys = {"bandwidth_mbps", "rtt_ms"};
constexpr std::array<std::string_view, 2> engine_keys = {"name", "parameters"};
constexpr std::array<std::string_view, 6> data_keys = {"name", "source", "networks", "runs", "rows", "hash"};
constexpr std::array<std::string_view, 7> error_keys = {"split", "of", "role", "count", "r2", "mae_ms", "bias_percent"};
constexpr std::array<std::string_view, 4> tensor_keys = {"name", "type", "shape", "offset"};
constexpr std::array<std::string_view, 2> role_names = {"client", "server"};
constexpr std::array<std::string_view, 4> split_names = {"rows", "config", "network", "none"};
constexpr std::array<std::string_view, 2> type_names = {"float32", "float64"};
constexpr const char* unlimited = "unlimited";

constexpr std::int64_t most_counted = std::int64_t{1} << 53U;
constexpr double largest = 1e15;
constexpr std::size_t longest_name = 128;
constexpr std::size_t hash_digits = 32;

std::string read_name(const JsonFields& fields, std::string_view key) {
    std::string name = fields.text(key);
    if (name.empty() || name.size() > longest_name) {
        fields.fail(key, {}, "a name of 1 to " + std::to_string(longest_name) + " bytes");
    }
    return name;
}

std::string read_id(const JsonFields& fields, std::string_view key) {
    std::string id = read_name(fields, key);
    const bool is_good = std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    });
    if (!is_good) {
        fields.fail(key, {}, "lower case letters, digits, '-', '.' and '_'");
    }
    return id;
}

std::string read_date(const JsonFields& fields, std::string_view key) {
    std::string date = fields.text(key);
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int length = 0;
    const bool is_read = std::sscanf(date.c_str(), "%4d-%2u-%2u%n", &year, &month, &day, &length) == 3;
    const std::chrono::year_month_day found{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
    std::array<char, 32> written{};
    std::snprintf(written.data(), written.size(), "%04d-%02u-%02u", year, month, day);
    if (!is_read || !found.ok() || date != written.data()) {
        fields.fail(key, {}, "a day such as 2022-12-31");
    }
    return date;
}

double read_bandwidth(const JsonFields& link) {
    const json& value = link.at("bandwidth_mbps");
    if (value.is_string() && value.get_ref<const std::string&>() == unlimited) {
        return std::numeric_limits<double>::infinity();
    }
    return link.number("bandwidth_mbps", std::numeric_limits<double>::min(), largest);
}

DataSource read_data(const JsonFields& fields) {
    fields.require_keys(data_keys);
    DataSource data{read_name(fields, "name"),
                    fields.text("source"),
                    fields.integer("networks", 1, most_counted),
                    fields.integer("runs", 1, most_counted),
                    fields.integer("rows", 1, most_counted),
                    fields.text("hash")};
    if (data.hash.size() != hash_digits || data.hash.find_first_not_of("0123456789abcdef") != std::string::npos) {
        fields.fail("hash", {}, "32 hexadecimal digits in lower case");
    }
    return data;
}

// Null is NaN, which JSON does not have.
double read_figure(const JsonFields& fields, std::string_view key, double most) {
    return fields.at(key).is_null() ? std::numeric_limits<double>::quiet_NaN() : fields.number(key, -largest, most);
}

ordered_json figure(double value) {
    return std::fabs(value) <= largest ? ordered_json(value) : ordered_json();
}

HeldOutError read_error(const JsonFields& fields) {
    fields.require_keys(error_keys);
    HeldOutError error;
    error.split = fields.one_of("split", split_names);
    error.of = read_name(fields, "of");
    error.role = fields.one_of("role", role_names);
    error.count = fields.integer("count", 1, most_counted);
    error.r2 = read_figure(fields, "r2", 1);
    error.mae_ms = fields.number("mae_ms", 0, largest);
    error.bias_percent = read_figure(fields, "bias_percent", largest);
    return error;
}

Tensor read_tensor(const JsonFields& fields, std::size_t& offset, std::size_t payload_bytes) {
    fields.require_keys(tensor_keys);
    Tensor tensor;
    tensor.name = read_name(fields, "name");
    const bool is_float = fields.one_of("type", type_names) == type_names[0];
    const std::size_t most_values = payload_bytes / (is_float ? sizeof(float) : sizeof(double));
    const json& shape = fields.at("shape");
    if (!shape.is_array() || shape.size() > most_dimensions) {
        fields.fail("shape", {}, "a list of at most " + std::to_string(most_dimensions) + " sizes");
    }
    std::uint64_t count = 1;
    for (const json& size : shape) {
        const std::uint64_t length = size.is_number_unsigned() ? size.get<std::uint64_t>() : 0;
        // Divided, since the product of the sizes may overflow.
        if (length < 1 || length > most_values / count) {
            fields.fail("shape", "a size is out of range", "sizes from 1, and no more values than the payload holds");
        }
        count *= length;
        tensor.shape.push_back(length);
    }
    if (count > most_values) {
        fields.fail("shape", {}, "no more values than the payload holds");
    }
    const std::int64_t at = fields.integer("offset", 0, most_counted);
    if (static_cast<std::uint64_t>(at) != offset) {
        fields.fail("offset", {}, std::to_string(offset) + ", where the tensor before ends");
    }
    if (is_float) {
        tensor.values = std::vector<float>(count);
    } else {
        tensor.values = std::vector<double>(count);
    }
    offset += value_bytes(tensor);
    if (offset > payload_bytes) {
        fields.fail("shape", "the tensor ends beyond the payload", std::to_string(payload_bytes) + " bytes of payload");
    }
    return tensor;
}

std::vector<Tensor> read_tensors(const JsonFields& root, std::size_t payload_bytes) {
    const std::vector<JsonFields> list = root.objects("tensors");
    if (list.size() > most_tensors) {
        root.fail("tensors", {}, "at most " + std::to_string(most_tensors));
    }
    std::vector<Tensor> tensors;
    std::set<std::string_view> names;
    tensors.reserve(list.size());
    std::size_t offset = 0;
    for (const JsonFields& fields : list) {
        tensors.push_back(read_tensor(fields, offset, payload_bytes));
        if (!names.insert(tensors.back().name).second) {
            fields.fail("name", "a tensor stands twice", "every name once");
        }
    }
    if (offset != payload_bytes) {
        root.fail("tensors", "the tensors take " + std::to_string(offset) + " bytes",
                  "as many as the payload: " + std::to_string(payload_bytes));
    }
    return tensors;
}

std::vector<std::string> read_roles(const JsonFields& root) {
    std::vector<std::string> roles = root.texts("roles");
    const bool are_known = std::all_of(roles.begin(), roles.end(), [](const std::string& role) {
        return std::find(role_names.begin(), role_names.end(), role) != role_names.end();
    });
    if (!are_known || roles.empty() || std::set<std::string>(roles.begin(), roles.end()).size() != roles.size()) {
        root.fail("roles", {}, "'client', 'server' or both");
    }
    return roles;
}

const json& read_object(const JsonFields& fields, std::string_view key) {
    static_cast<void>(fields.object(key));
    return fields.at(key);
}

}  // namespace

std::size_t value_bytes(const Tensor& tensor) {
    return std::visit([](const auto& values) { return values.size() * sizeof values[0]; }, tensor.values);
}

std::string header_text(const ModelFile& model) {
    ordered_json document;
    document["model"] = model.model;
    document["model_version"] = model.model_version;
    document["setting"] = model.setting;
    document["link"]["bandwidth_mbps"] =
        std::isinf(model.bandwidth_mbps) ? ordered_json(unlimited) : ordered_json(model.bandwidth_mbps);
    document["link"]["rtt_ms"] = model.rtt_ms;
    document["roles"] = model.roles;
    document["engine"] = {{"name", model.engine.name}, {"parameters", model.engine.parameters}};
    document["data"] = ordered_json::array();
    for (const DataSource& data : model.data) {
        document["data"].push_back({{"name", data.name},
                                    {"source", data.source},
                                    {"networks", data.networks},
                                    {"runs", data.runs},
                                    {"rows", data.rows},
                                    {"hash", data.hash}});
    }
    document["split"] = model.split;
    document["held_out"] = ordered_json::array();
    for (const HeldOutError& error : model.held_out) {
        document["held_out"].push_back({{"split", error.split},
                                        {"of", error.of},
                                        {"role", error.role},
                                        {"count", error.count},
                                        {"r2", figure(error.r2)},
                                        {"mae_ms", error.mae_ms},
                                        {"bias_percent", figure(error.bias_percent)}});
    }
    document["features"] = model.features;
    document["date"] = model.date;
    document["seed"] = model.seed;
    document["trained_with"] = model.trained_with;
    document["parameters"] = model.parameters;
    document["tensors"] = ordered_json::array();
    std::size_t offset = 0;
    for (const Tensor& tensor : model.tensors) {
        document["tensors"].push_back({{"name", tensor.name},
                                       {"type", type_names[tensor.values.index()]},
                                       {"shape", tensor.shape},
                                       {"offset", offset}});
        offset += value_bytes(tensor);
    }
    return document.dump(1) + '\n';
}

ModelFile parse_header(std::string_view text, std::size_t payload_bytes, const std::string& name) {
    const json document = parse_json(text, name, 2);
    const JsonFields root(document, name, {});
    root.require_keys(root_keys);
    ModelFile model;
    model.model = read_id(root, "model");
    model.model_version = root.integer("model_version", 1, most_counted);
    model.setting = root.one_of("setting", setting_names);
    const JsonFields link = root.object("link");
    link.require_keys(link_keys);
    model.bandwidth_mbps = read_bandwidth(link);
    model.rtt_ms = link.number("rtt_ms", 0, largest);
    model.roles = read_roles(root);
    const JsonFields engine = root.object("engine");
    engine.require_keys(engine_keys);
    model.engine = {read_id(engine, "name"), read_object(engine, "parameters")};
    for (const JsonFields& data : root.objects("data")) {
        model.data.push_back(read_data(data));
    }
    if (model.data.empty()) {
        root.fail("data", {}, "at least one table");
    }
    model.split = root.text("split");
    for (const JsonFields& error : root.objects("held_out")) {
        model.held_out.push_back(read_error(error));
    }
    model.features = root.texts("features");
    model.date = read_date(root, "date");
    if (!root.at("seed").is_number_unsigned()) {
        root.fail("seed", {}, "a whole number from 0 to 18446744073709551615");
    }
    model.seed = root.at("seed").get<std::uint64_t>();
    model.trained_with = read_name(root, "trained_with");
    model.parameters = read_object(root, "parameters");
    model.tensors = read_tensors(root, payload_bytes);
    return model;
}

}  // namespace sotto::model_file
