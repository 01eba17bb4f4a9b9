// SPDX-License-Identifier: Apache-2.0
// What `protocol` is worth on a link that it was not fitted on: models that ship are asked for the link of another
// setting and compared with what was measured there. Prints the error, what 90 % intervals hold with and without
// extrapolated_share, and what they would hold with other shares, of what an answer has moved by and of the answer.
// Argument: the published measurements, as nas-train import takes them; without them of cheetah_measured alone.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "cost_models/protocol/extrapolation.hpp"
#include "cost_models/protocol/shipped_models.hpp"
#include "cost_models/training/latency_trainer.hpp"
#include "cost_models/training/published_import.hpp"
#include "cost_models/training/repeated_times.hpp"

namespace {

using namespace sotto;

constexpr double deviations_of_90_percent = 1.6448536269514722;

struct Total {
    double measured_ms = 0;
    double predicted_ms = 0;
    double moved_ms = 0;
    double fitted_deviation_ms = 0;  // of the model on its own link
};

// One model, asked for one other link.
struct Question {
    std::string name;
    std::vector<Total> totals;
};

double measured_ms(const training::MeasuredNetwork& network, protocol::Coupling coupling) {
    double client = 0;
    double server = 0;
    double slower = 0;
    for (std::size_t i = 0; i < network.operations.size(); ++i) {
        const training::RepeatedTimes known = repeated_times(network, i);
        if (known.runs > 0) {
            client += known.times.client_ms;
            server += known.times.server_ms;
            slower += std::max(known.times.client_ms, known.times.server_ms);
        }
    }
    return coupling == protocol::Coupling::separated ? slower : std::max(client, server);
}

Question ask(const std::string& engine, const std::string& fitted, const std::string& asked,
             const training::TrainingSet& set) {
    const auto opened = model_file::open_model("protocol", {fitted, engine, ""}, protocol::shipped_models());
    const auto coefficients = protocol::read_coefficients(opened.model, opened.name);
    const auto profile = protocol::engine_of(opened.model.engine, opened.model.setting, opened.name);
    const training::Link& link = training::find_setting(asked)->link;
    const auto there = protocol::LinkTimes::of(link.bandwidth_mbps, link.rtt_ms);
    const int bits = profile.parameters().bit_length;
    const protocol::Predictor predictor(coefficients, profile, there);
    const protocol::Extrapolation extrapolation(
        coefficients, profile, {protocol::LinkTimes::of(opened.model.bandwidth_mbps, opened.model.rtt_ms), bits},
        {there, bits});
    Question question{engine + ' ' + fitted + "->" + asked, {}};
    for (const training::MeasuredNetwork& network : set) {
        const double predicted = predictor.total_ms(predictor.end_of(network.operations));
        question.totals.push_back({measured_ms(network, coefficients.coupling), predicted,
                                   extrapolation.moved(network.operations).total_ms,
                                   coefficients.total.deviation_ms(predicted)});
    }
    return question;
}

struct Coverage {
    int inside = 0;
    double half_width_percent = 0;
};

// `added(total)`: a deviation beside that of the fit.
template <typename Added>
Coverage coverage(const std::vector<Total>& totals, const Added& added) {
    Coverage result;
    for (const Total& total : totals) {
        const double reach = deviations_of_90_percent * std::hypot(total.fitted_deviation_ms, added(total));
        result.inside += std::fabs(total.measured_ms - total.predicted_ms) <= reach ? 1 : 0;
        result.half_width_percent += 100 * reach / total.predicted_ms / static_cast<double>(totals.size());
    }
    return result;
}

void print_errors(const std::vector<Question>& questions) {
    std::printf("%-28s %8s %11s %11s %11s %20s %20s\n", "fitted -> asked", "networks", "mean error", "of the sum",
                "moved", "without share", "as stated");
    for (const Question& question : questions) {
        const auto count = static_cast<double>(question.totals.size());
        double error = 0;
        double moved = 0;
        double measured_sum = 0;
        double predicted_sum = 0;
        for (const Total& total : question.totals) {
            measured_sum += total.measured_ms;
            predicted_sum += total.predicted_ms;
            error += 100 * std::fabs(total.predicted_ms / total.measured_ms - 1) / count;
            moved += 100 * total.moved_ms / total.predicted_ms / count;
        }
        const Coverage before = coverage(question.totals, [](const Total&) { return 0.0; });
        const Coverage after =
            coverage(question.totals, [](const Total& total) { return protocol::extrapolated_share * total.moved_ms; });
        std::printf("%-28s %8zu %9.1f %% %+9.1f %% %9.1f %% %6d in, +- %4.1f %% %6d in, +- %4.1f %%\n",
                    question.name.c_str(), question.totals.size(), error, 100 * (predicted_sum / measured_sum - 1),
                    moved, before.inside, before.half_width_percent, after.inside, after.half_width_percent);
    }
}

void print_shares(const std::vector<Question>& questions, const char* of_what, double Total::*whole) {
    std::printf("\ninside, by the share of %s; questions as above\n", of_what);
    for (int percent = 2; percent <= 24; ++percent) {
        std::printf("%.2f", percent / 100.0);
        for (const Question& question : questions) {
            const Coverage one =
                coverage(question.totals, [&](const Total& total) { return percent / 100.0 * (total.*whole); });
            std::printf(" %3d", one.inside);
        }
        std::printf("\n");
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string published = argc > 1 ? argv[1] : SOTTO_SOURCE_DIRECTORY "/../shared/data/snni_public";
    std::vector<Question> questions;
    for (const char* asked : {"lan", "wan"}) {
        const training::TrainingSet set = training::training_set({training::read_measurement_table(
            SOTTO_SOURCE_DIRECTORY "/cost_models/data/cheetah_measured/" + std::string(asked) + ".csv",
            training::Times::required)});
        for (const char* fitted : {"local", "lan", "wan"}) {
            if (std::string(fitted) != asked) {
                questions.push_back(ask("opencheetah-2023", fitted, asked, set));
            }
        }
    }
    if (std::filesystem::exists(published)) {
        // Not from or to `local`, which was measured with 4 threads where the others had 1.
        for (const char* asked : {"lan", "wan"}) {
            const char* const fitted = std::string(asked) == "lan" ? "wan" : "lan";
            questions.push_back(ask("opencheetah-2022", fitted, asked,
                                    training::training_set({training::import_published(published, asked)})));
        }
    } else {
        std::printf("no published measurements in %s: opencheetah-2022 is left out\n", published.c_str());
    }
    print_errors(questions);
    print_shares(questions, "what the answer has moved by", &Total::moved_ms);
    print_shares(questions, "the answer", &Total::predicted_ms);
    return 0;
}
