// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/network_counts.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/arch/network.hpp"
#include "engine/evaluate/pipeline.hpp"
#include "engine/input/input_error.hpp"

namespace sotto::tools {
namespace {

evaluate::PipelineOptions one_thread() {
    evaluate::PipelineOptions options;
    options.threads = 1;
    return options;
}

void require_networks(const Subjects& subjects, const std::string& metric) {
    for (const auto& subject : subjects) {
        if (!subject->network) {
            throw input::InputError({{subject->file, 0, 0},
                                     "holds operations alone",
                                     {},
                                     "a network: '" + metric + "' is counted in its layers",
                                     {}});
        }
    }
}

}  // namespace

plugin::Description with_counts(const plugin::Description& model, plugin::Registry& registry) {
    plugin::Description extended = model;
    const evaluate::Pipeline counting(registry, one_thread());
    for (const plugin::Metric& count : counting.metrics()) {
        if (std::none_of(model.metrics.begin(), model.metrics.end(),
                         [&](const plugin::Metric& metric) { return metric.name == count.name; })) {
            extended.metrics.push_back(count);
        }
    }
    return extended;
}

void add_counts(const plugin::Description& model, const plugin::Description& extended,
                const std::vector<std::size_t>& chosen, plugin::Registry& registry, const Subjects& subjects,
                std::vector<Prediction>& predictions) {
    const std::size_t own = model.metrics.size();
    const std::size_t all = extended.metrics.size();
    if (all == own) {
        return;
    }
    const auto count = std::find_if(chosen.begin(), chosen.end(), [&](std::size_t metric) { return metric >= own; });
    std::vector<evaluate::Evaluation> counted;
    evaluate::Pipeline counting(registry, one_thread());
    if (count != chosen.end()) {
        require_networks(subjects, extended.metrics[*count].name);
        counted = counting
                      .evaluate(subjects.size(), [&](std::size_t index, std::size_t /*slot*/,
                                                     std::string& /*rejection*/) { return &*subjects[index]->network; })
                      .evaluations;
    }
    for (std::size_t i = 0; i < predictions.size(); ++i) {
        Prediction& prediction = predictions[i];
        for (std::size_t metric = own; metric < all; ++metric) {
            const double value = counted.empty()
                                     ? std::nan("")
                                     : counted[i].metrics[counting.metric_index(extended.metrics[metric].name)];
            prediction.metrics.push_back(value);
            if (!prediction.intervals.empty()) {
                prediction.intervals.push_back({value, value});
            }
        }
        const std::size_t operations = prediction.operation_values.size() / own;
        std::vector<double> values(operations * all, std::nan(""));
        for (std::size_t operation = 0; operation < operations; ++operation) {
            std::copy_n(prediction.operation_values.begin() + static_cast<std::ptrdiff_t>(operation * own), own,
                        values.begin() + static_cast<std::ptrdiff_t>(operation * all));
        }
        prediction.operation_values = std::move(values);
    }
}

}  // namespace sotto::tools
