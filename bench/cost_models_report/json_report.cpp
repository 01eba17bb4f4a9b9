// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_models_report/json_report.hpp"

#include <cmath>
#include <string>

#include "bench/cost_models_report/bars.hpp"

namespace sotto::report {
namespace {

using Json = nlohmann::ordered_json;
using training::role_name;

Json number(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json spread(const Spread& values) {
    return {{"mean", number(values.mean)}, {"least", number(values.least)}, {"most", number(values.most)}};
}

Json layer_sums(const std::vector<training::LayerSums>& layers) {
    Json list = Json::array();
    for (const training::LayerSums& layer : layers) {
        list.push_back({{"layer", layer.layer},
                        {"measured_ms", number(layer.measured_ms)},
                        {"predicted_ms", number(layer.predicted_ms)},
                        {"error_percent", number(100 * (layer.predicted_ms / layer.measured_ms - 1))}});
    }
    return list;
}

Json layer_result(const Report& report, const LayerResult& result) {
    Json entry = {{"setting", result.key.setting},
                  {"layer", result.key.layer},
                  {"role", role_name(result.key.role)},
                  {"model", result.model},
                  {"rows", result.rows},
                  {"seeds", result.seeds},
                  {"r2", spread(result.r2)},
                  {"mae_ms", spread(result.mae_ms)},
                  {"bias_percent", number(result.bias_percent)}};
    const auto limit = report.published.limits.find(result.key);
    entry["limit"] = limit == report.published.limits.end()
                         ? Json(nullptr)
                         : Json{{"r2", number(limit->second.r2)}, {"mae_ms", number(limit->second.mae_ms)}};
    return entry;
}

Json shuffled(const Report& report, const LayerResult& result) {
    Json entry = layer_result(report, result);
    Json published = Json::object();
    const auto methods = report.published.layers.find(result.key);
    if (methods != report.published.layers.end()) {
        for (const auto& [method, figure] : methods->second) {
            published[method] = {{"r2", figure.r2}, {"mae_ms", figure.mae_ms}};
        }
        entry["matches_or_beats_published"] = matches_or_beats(methods->second, result);
        if (const auto analytical = methods->second.find("analytical");
            result.model == "analytical" && analytical != methods->second.end()) {
            entry["reproduces_published"] = is_reproduced(analytical->second, result);
        }
    }
    entry["published"] = std::move(published);
    return entry;
}

Json grouped(const Report& report, const LayerResult& result) {
    Json entry = layer_result(report, result);
    const double bar = least_grouped_r2(result.key.setting, result.key.layer);
    entry["asked_r2"] = bar;
    entry["is_reached"] = result.r2.mean >= bar;
    return entry;
}

Json left_out(const Report& report, const NetworkResult& result) {
    Json published = Json::object();
    if (const auto methods = report.published.networks.find(result.key); methods != report.published.networks.end()) {
        for (const auto& [method, figure] : methods->second) {
            published[method] = {{"absolute_error_percent", figure.error_percent}};
        }
    }
    return {{"setting", result.key.setting},
            {"network", result.key.network},
            {"role", role_name(result.key.role)},
            {"model", result.model},
            {"measured_ms", number(result.figures.measured_ms)},
            {"predicted_ms", number(result.figures.predicted_ms)},
            {"error_percent", number(result.figures.error_percent)},
            {"run_deviation_percent", number(result.figures.run_deviation_percent)},
            {"published", std::move(published)},
            {"layers", layer_sums(result.figures.layers)}};
}

}  // namespace

Json to_json(const Report& report) {
    Json json = {{"format", "sotto.cost-models-report/1"},
                 {"models", report.models},
                 {"splits", report.splits},
                 {"notes", report.notes},
                 {"failures", report.failures},
                 {"models_trained", report.models_trained},
                 {"models_from_cache", report.models_reused},
                 {"seconds", report.seconds}};
    Json& rows = json["shuffled_rows"] = Json::array();
    for (const LayerResult& result : report.shuffled) {
        rows.push_back(shuffled(report, result));
    }
    Json& configurations = json["unseen_configurations"] = Json::array();
    for (const LayerResult& result : report.grouped) {
        configurations.push_back(grouped(report, result));
    }
    Json& networks = json["networks_left_out"] = Json::array();
    for (const NetworkResult& result : report.left_out) {
        networks.push_back(left_out(report, result));
    }
    Json& speed = json["speed"] = Json::array();
    for (const SpeedResult& result : report.speed) {
        speed.push_back({{"model", result.model},
                         {"space", result.space},
                         {"batch", result.batch},
                         {"first_batch_us", number(result.first_us)},
                         {"further_batches_us", number(result.median_us)},
                         {"asked_us", most_microseconds(result.model)}});
    }
    Json& measured = json["measured_networks_left_out"] = Json::array();
    for (const TotalResult& result : report.measured) {
        measured.push_back({{"setting", result.setting},
                            {"network", result.total.network},
                            {"model", result.model},
                            {"measured_ms", number(result.total.measured_ms)},
                            {"predicted_ms", number(result.total.predicted_ms)},
                            {"error_percent", number(result.total.error_percent)},
                            {"layers", layer_sums(result.total.layers)}});
    }
    Json& coverage = json["intervals"] = Json::array();
    for (const CoverageResult& result : report.coverage) {
        coverage.push_back({{"data", result.data},
                            {"setting", result.setting},
                            {"model", result.model},
                            {"networks", result.networks},
                            {"covered", number(result.coverage.covered)},
                            {"asked", {least_coverage, most_coverage}},
                            {"mean_half_width_percent", number(result.coverage.half_width_percent)}});
    }
    return json;
}

}  // namespace sotto::report
