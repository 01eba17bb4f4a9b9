// SPDX-License-Identifier: Apache-2.0
#include "bench/proxy_report/correlations.hpp"

#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "bench/proxy_report/published_correlations.hpp"

namespace sotto::proxy_report {
namespace {

std::optional<double> published_figure(const std::string& metric, const std::string& data_set) {
    for (const PublishedCorrelation& published : published_correlations) {
        for (std::size_t label = 0; label < labels.size(); ++label) {
            if (published.metric == metric && labels[label].column == data_set) {
                return published.spearman[label];
            }
        }
    }
    return std::nullopt;
}

}  // namespace

std::vector<Correlations> correlate(const tools::MetricChoice& choice,
                                    const std::vector<tools::ScoredCandidate>& scored,
                                    const std::vector<LabelColumn>& columns) {
    std::vector<Correlations> result;
    for (const LabelColumn& column : columns) {
        for (std::size_t metric = 0; metric < choice.metrics.size(); ++metric) {
            std::vector<double> values;
            std::vector<double> known;
            for (const tools::ScoredCandidate& candidate : scored) {
                if (!std::isnan(candidate.metrics[metric]) && !std::isnan(column.values[candidate.index])) {
                    values.push_back(candidate.metrics[metric]);
                    known.push_back(column.values[candidate.index]);
                }
            }
            Correlations& found = result.emplace_back();
            found.metric = choice.metrics[metric].metric.name;
            found.label = column.id;
            found.title = column.title;
            found.networks = values.size();
            found.rho = statistics::spearman(values, known);
            found.tau = statistics::kendall(values, known);
            found.published = published_figure(found.metric, column.data_set);
        }
    }
    return result;
}

void print(const std::vector<Correlations>& correlations) {
    std::string label;
    for (const Correlations& found : correlations) {
        if (found.label != label) {
            std::printf("%s%s\n%-24s %8s %7s %16s %10s %7s %16s\n", label.empty() ? "" : "\n", found.title.c_str(),
                        "metric", "networks", "rho", "95 %", "published", "tau", "95 %");
            label = found.label;
        }
        char published[32] = "-";
        if (found.published) {
            std::snprintf(published, sizeof published, "%.3f", *found.published);
        }
        std::printf("%-24s %8zu %7.3f %7.3f  %7.3f %10s %7.3f %7.3f  %7.3f\n", found.metric.c_str(), found.networks,
                    found.rho.value, found.rho.low, found.rho.high, published, found.tau.value, found.tau.low,
                    found.tau.high);
    }
}

nlohmann::ordered_json to_json(const std::vector<Correlations>& correlations) {
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    for (const Correlations& found : correlations) {
        nlohmann::ordered_json entry = {{"metric", found.metric},
                                        {"label", found.label},
                                        {"label_title", found.title},
                                        {"networks", found.networks},
                                        {"spearman", {found.rho.value, found.rho.low, found.rho.high}},
                                        {"kendall", {found.tau.value, found.tau.low, found.tau.high}},
                                        {"published_spearman", nullptr}};
        if (found.published) {
            entry["published_spearman"] = *found.published;
        }
        document.push_back(std::move(entry));
    }
    return document;
}

}  // namespace sotto::proxy_report
