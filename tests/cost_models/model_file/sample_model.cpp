// SPDX-License-Identifier: Apache-2.0
#include "tests/cost_models/model_file/sample_model.hpp"

#include <limits>

namespace sotto::sample {

using model_file::ModelFile;

ModelFile sample_model() {
    ModelFile model;
    model.model = "analytical";
    model.model_version = 3;
    model.setting = "local";
    model.bandwidth_mbps = std::numeric_limits<double>::infinity();
    model.rtt_ms = 0.125;
    model.roles = {"client", "server"};
    model.engine = {"opencheetah-2022", {{"bit_length", 41}}};
    model.data = {{"table.csv", "a table", 2, 6, 120, "00112233445566778899aabbccddeeff"}};
    model.split = "5 folds, seed 1";
    model.held_out = {{"config", "conv", "client", 12, 0.5, 1.25, -3},
                      {"network", "network", "server", 1, std::numeric_limits<double>::quiet_NaN(), 0, 0}};
    model.features = {"macs"};
    model.date = "2024-02-29";
    model.seed = std::numeric_limits<std::uint64_t>::max();
    model.trained_with = "a program 1.0";
    model.parameters = {{"depth", 2}, {"names", {"ä", "b"}}, {"x", 0.1}};
    model.tensors = {{"weights", {2, 3}, std::vector<float>{1, -2, 0.5, 4, 5, 6}},
                     {"scalar", {}, std::vector<double>{0.1}}};
    return model;
}

nlohmann::ordered_json sample_header() {
    return nlohmann::ordered_json::parse(R"({
      "model": "analytical", "model_version": 3, "setting": "local",
      "link": {"bandwidth_mbps": "unlimited", "rtt_ms": 0.125},
      "roles": ["client", "server"],
      "engine": {"name": "opencheetah-2022", "parameters": {"bit_length": 41}},
      "data": [{"name": "table.csv", "source": "a table", "networks": 2, "runs": 6, "rows": 120,
                "hash": "00112233445566778899aabbccddeeff"}],
      "split": "5 folds, seed 1",
      "held_out": [
        {"split": "config", "of": "conv", "role": "client", "count": 12, "r2": 0.5, "mae_ms": 1.25, "bias_percent": -3.0},
        {"split": "network", "of": "network", "role": "server", "count": 1, "r2": null, "mae_ms": 0.0,
         "bias_percent": 0.0}],
      "features": ["macs"], "date": "2024-02-29", "seed": 18446744073709551615, "trained_with": "a program 1.0",
      "parameters": {"depth": 2, "names": ["ä", "b"], "x": 0.1},
      "tensors": [{"name": "weights", "type": "float32", "shape": [2, 3], "offset": 0},
                  {"name": "scalar", "type": "float64", "shape": [], "offset": 24}]})");
}

std::string framed(std::string_view header, std::string_view payload) {
    const std::string content = std::string(header) + std::string(payload);
    return "sotto-model/1 xxh3-128=" + model_file::content_hash(content) +
           " header-bytes=" + std::to_string(header.size()) + " payload-bytes=" + std::to_string(payload.size()) +
           '\n' + content;
}

std::string sample_payload() {
    // IEEE 754, little endian: 1, -2, 0.5, 4, 5, 6 in 4 bytes each, 0.1 in 8.
    static constexpr char bytes[] =
        "\x00\x00\x80\x3f\x00\x00\x00\xc0\x00\x00\x00\x3f\x00\x00\x80\x40\x00\x00\xa0\x40\x00\x00\xc0\x40"
        "\x9a\x99\x99\x99\x99\x99\xb9\x3f";
    return {bytes, sizeof bytes - 1};
}

}  // namespace sotto::sample
