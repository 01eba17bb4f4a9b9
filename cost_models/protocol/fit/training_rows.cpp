// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/fit/training_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "cost_models/protocol/predictor.hpp"

namespace sotto::protocol {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

// Of times, those that are NaN left out.
class Statistic {
  public:
    explicit Statistic(Repetitions repetitions) : repetitions_(repetitions) {}

    void add(double time) {
        if (!std::isnan(time)) {
            sum_ += time;
            least_ = std::min(least_, time);
            ++count_;
        }
    }
    std::int64_t count() const { return count_; }
    double value() const {
        if (count_ == 0) {
            return not_known;
        }
        return repetitions_ == Repetitions::mean ? sum_ / static_cast<double>(count_) : least_;
    }

  private:
    Repetitions repetitions_;
    double sum_ = 0;
    double least_ = std::numeric_limits<double>::infinity();
    std::int64_t count_ = 0;
};

void add_times(const training::MeasuredNetwork& network, std::size_t position, Repetitions repetitions,
               MeasuredStep& measured) {
    Statistic client(repetitions);
    Statistic server(repetitions);
    Statistic slower(repetitions);
    for (const std::vector<training::RoleTimes>& run : network.runs) {
        const training::RoleTimes& times = run[position];
        client.add(times.client_ms);
        server.add(times.server_ms);
        slower.add(std::isnan(times.client_ms) || std::isnan(times.server_ms)
                       ? not_known
                       : std::max(times.client_ms, times.server_ms));
    }
    measured.times = {client.value(), server.value()};
    measured.slower_ms = slower.value();
    measured.measurements = client.count() + server.count();
}

}  // namespace

MeasuredWalks measured_walks(const training::TrainingSet& set, const EngineProfile& engine, const ModelForm& form,
                             const training::Link& link) {
    const LinkTimes link_times = LinkTimes::of(link.bandwidth_mbps, link.rtt_ms);
    MeasuredWalks walks;
    for (const training::MeasuredNetwork& network : set) {
        WalkState state(engine);
        std::vector<MeasuredStep>& steps = walks.emplace_back();
        for (std::size_t position = 0; position < network.operations.size(); ++position) {
            const sotto_operation& operation = network.operations[position];
            if (!is_well_formed(operation)) {
                throw std::invalid_argument("protocol: operation " + std::to_string(position) + " of '" + network.name +
                                            "' has sizes that make no sense");
            }
            const bool is_last = position + 1 == network.operations.size();
            MeasuredStep& measured = steps.emplace_back();
            if (walk(engine, form.coupling, operation, is_last ? 0 : network.operations[position + 1].kind, state,
                     measured.step)) {
                measured.step.row = link_times.scaled(measured.step.row);
                add_times(network, position, form.repetitions, measured);
            } else {
                measured.step.row.clear();
                measured.times = {not_known, not_known};
                measured.slower_ms = not_known;
            }
        }
    }
    return walks;
}

std::array<std::vector<FitRow>, target_count> fit_rows(const MeasuredWalks& walks, Coupling coupling) {
    std::array<std::vector<FitRow>, target_count> rows;
    const auto add = [&](Target target, const MeasuredStep& measured, double time, std::size_t network) {
        if (!std::isnan(time)) {
            rows[static_cast<std::size_t>(target)].push_back(
                {measured.step.row, time, static_cast<std::uint32_t>(network), measured.step.kind});
        }
    };
    for (std::size_t network = 0; network < walks.size(); ++network) {
        const std::vector<MeasuredStep>& steps = walks[network];
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const MeasuredStep& measured = steps[i];
            const bool is_linear_step = is_linear(measured.step.kind);
            add(Target::client, measured, measured.times.client_ms, network);
            if (coupling == Coupling::separated) {
                add(Target::server, measured, measured.times.server_ms, network);
                continue;
            }
            // Of non-linear operations the server's time is the client's and the wait.
            if (!is_linear_step) {
                continue;
            }
            if (i == 0 || !is_linear(steps[i - 1].step.kind)) {
                add(Target::server, measured, measured.times.server_ms, network);
            }
            if (i + 1 < steps.size() && !is_linear(steps[i + 1].step.kind)) {
                const double wait = steps[i + 1].times.server_ms - steps[i + 1].times.client_ms;
                add(Target::wait, measured, wait < 0 ? 0 : wait, network);
            }
        }
    }
    return rows;
}

}  // namespace sotto::protocol
