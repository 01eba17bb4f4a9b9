// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/fit/protocol_trainer.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "cost_models/protocol/calibration.hpp"
#include "cost_models/protocol/fit/spread_fit.hpp"
#include "cost_models/protocol/fit/training_rows.hpp"
#include "cost_models/protocol/predictor.hpp"
#include "cost_models/protocol/price_fit.hpp"
#include "cost_models/protocol/shipped_models.hpp"
#include "engine/input/input_error.hpp"

namespace sotto::protocol {
namespace {

using training::RoleTimes;
using training::TrainingSet;

constexpr std::string_view model_id = "protocol";
constexpr std::size_t fewest_networks = 3;  // that tell of a spread

class ProtocolModel : public training::LatencyModel {
  public:
    ProtocolModel(const Coefficients& coefficients, const EngineProfile& engine, const training::Link& link)
        : predictor_(coefficients, engine, LinkTimes::of(link.bandwidth_mbps, link.rtt_ms)) {}

    void predict(std::span<const sotto_operation> program, std::span<RoleTimes> times) const override {
        assert(program.size() == times.size());
        Predictor::Position position = predictor_.start();
        for (std::size_t i = 0; i < program.size(); ++i) {
            const sotto_operation* const next = i + 1 < program.size() ? &program[i + 1] : nullptr;
            const Cost cost = predictor_.advance(position, program[i], next, static_cast<std::uint32_t>(i));
            times[i] = {cost.client_ms, cost.server_ms};
        }
    }

    double total_deviation_ms(std::span<const sotto_operation> /*program*/,
                              std::span<const RoleTimes> times) const override {
        double client_ms = 0;
        double server_ms = 0;
        double slower_ms = 0;
        for (const RoleTimes& of_operation : times) {
            client_ms += of_operation.client_ms;
            server_ms += of_operation.server_ms;
            slower_ms += std::max(of_operation.client_ms, of_operation.server_ms);
        }
        const Coefficients& coefficients = predictor_.coefficients();
        return coefficients.total.deviation_ms(
            coefficients.coupling == Coupling::separated ? slower_ms : std::max(client_ms, server_ms));
    }

    const Predictor& predictor() const { return predictor_; }

  private:
    Predictor predictor_;
};

// Prices of columns that a non-linear operation has are the client's on both sides.
void share_nonlinear(Coefficients& coefficients) {
    for (std::size_t column = 0; column < column_count; ++column) {
        const Column one = static_cast<Column>(column);
        const CostGroup group = column_info(one).group;
        if (group == CostGroup::nonlinear || group == CostGroup::refill || one == Column::link_nonlinear_bytes ||
            one == Column::link_nonlinear_messages) {
            coefficients.of(Target::server)[column] = coefficients.of(Target::client)[column];
        }
    }
}

// Times of every operation of a network that was walked through.
class WalkTimes {
  public:
    WalkTimes(const Coefficients& coefficients, const std::vector<MeasuredStep>& steps) {
        double wait = 0;
        for (const MeasuredStep& measured : steps) {
            const FeatureRow& row = measured.step.row;
            const double client = dot(row, coefficients.of(Target::client));
            const double server = dot(row, coefficients.of(Target::server)) + wait;
            wait = is_linear(measured.step.kind) ? dot(row, coefficients.of(Target::wait)) : 0;
            add(client_, measured.times.client_ms, client);
            add(server_, measured.times.server_ms, server);
            add(slower_, measured.slower_ms, std::max(client, server));
        }
    }

    const HeldOutTotal& client() const { return client_; }
    const HeldOutTotal& server() const { return server_; }
    HeldOutTotal total(Coupling coupling) const {
        if (coupling == Coupling::separated) {
            return slower_;
        }
        return client_.measured_ms >= server_.measured_ms ? client_ : server_;
    }

  private:
    static void add(HeldOutTotal& total, double measured, double predicted) {
        if (!std::isnan(measured)) {
            total.measured_ms += measured;
            total.predicted_ms += predicted;
        }
    }

    HeldOutTotal client_, server_, slower_;
};

// Returns how many networks tell.
std::size_t fit_spreads(const std::array<PriceFit, target_count>& fits, const MeasuredWalks& walks,
                        Coefficients& coefficients, const std::function<bool()>& is_cancelled) {
    std::vector<HeldOutTotal> client;
    std::vector<HeldOutTotal> server;
    std::vector<HeldOutTotal> total;
    const auto keep = [](std::vector<HeldOutTotal>& totals, const HeldOutTotal& one) {
        if (one.measured_ms > 0 && one.predicted_ms > 0) {
            totals.push_back(one);
        }
    };
    for (std::size_t network = 0; network < walks.size(); ++network) {
        if (is_cancelled && is_cancelled()) {
            throw training::Cancelled{};
        }
        Coefficients without = coefficients;
        for (std::size_t target = 0; target < target_count; ++target) {
            without.prices[target] = fits[target].without(static_cast<std::uint32_t>(network));
        }
        if (without.coupling == Coupling::coupled) {
            share_nonlinear(without);
        }
        const WalkTimes times(without, walks[network]);
        keep(client, times.client());
        keep(server, times.server());
        keep(total, times.total(without.coupling));
    }
    coefficients.client = fit_spread(client);
    coefficients.server = fit_spread(server);
    coefficients.total = fit_spread(total);
    return std::min({client.size(), server.size(), total.size()});
}

class ProtocolTrainer : public training::LatencyTrainer {
  public:
    explicit ProtocolTrainer(model_file::EngineProfile engine) : engine_(std::move(engine)) {}

    std::string_view id() const override { return model_id; }

    std::unique_ptr<training::LatencyModel> train(const TrainingSet& set,
                                                  const training::TrainingOptions& options) const override {
        training::require_times_of_both_roles(set);
        const EngineProfile engine = engine_of(engine_, std::string(options.setting.name), {});
        const ModelForm form = model_form(engine_.name);
        const MeasuredWalks walks = measured_walks(set, engine, form, options.setting.link);
        Coefficients coefficients;
        coefficients.coupling = form.coupling;
        bool is_empty = true;
        for (const std::vector<MeasuredStep>& steps : walks) {
            for (const MeasuredStep& measured : steps) {
                coefficients.rows[static_cast<std::size_t>(measured.step.kind)] += measured.measurements;
                is_empty = is_empty && measured.measurements == 0;
            }
        }
        if (is_empty) {
            throw std::invalid_argument("protocol: found no time of an operation that it knows");
        }
        auto rows = fit_rows(walks, form.coupling);
        const std::array<PriceFit, target_count> fits = {PriceFit(std::move(rows[0]), form.priors[0], form.recipe),
                                                         PriceFit(std::move(rows[1]), form.priors[1], form.recipe),
                                                         PriceFit(std::move(rows[2]), form.priors[2], form.recipe)};
        for (std::size_t target = 0; target < target_count; ++target) {
            coefficients.prices[target] = fits[target].all();
        }
        if (form.coupling == Coupling::coupled) {
            share_nonlinear(coefficients);
        }
        const std::size_t networks = fit_spreads(fits, walks, coefficients, options.is_cancelled);
        if (options.estimates_deviation && networks < fewest_networks) {
            throw std::invalid_argument("found " + std::to_string(networks) +
                                        " networks, expected 3 or more with times to tell how far off one can be");
        }
        return std::make_unique<ProtocolModel>(coefficients, engine, options.setting.link);
    }

  private:
    model_file::EngineProfile engine_;
};

class TrainableProtocol : public training::TrainableModel {
  public:
    std::string_view id() const override { return model_id; }

    std::unique_ptr<training::LatencyTrainer> trainer(const training::TrainerOptions& options) const override {
        if (options.tuning_trials > 0) {
            throw input::InputError({{},
                                     "protocol has nothing to tune",
                                     std::to_string(options.tuning_trials) + " trials",
                                     "no --tune",
                                     {}});
        }
        engine_of(options.engine, {}, {});
        return std::make_unique<ProtocolTrainer>(options.engine);
    }

    void write(const training::LatencyModel& model, model_file::ModelFile& file) const override {
        const Predictor& predictor = dynamic_cast<const ProtocolModel&>(model).predictor();
        write_coefficients(predictor.coefficients(), predictor.engine(), file);
    }

    std::unique_ptr<training::LatencyModel> read(const model_file::ModelFile& file,
                                                 const std::string& name) const override {
        return std::make_unique<ProtocolModel>(read_coefficients(file, name),
                                               engine_of(file.engine, file.setting, name),
                                               training::Link{file.bandwidth_mbps, file.rtt_ms});
    }

    bool uses_link() const override { return true; }

    std::span<const model_file::EmbeddedFile> shipped() const override { return shipped_models(); }

    std::unique_ptr<training::LatencyModel> calibrate(const training::LatencyModel& model, const TrainingSet& set,
                                                      const training::TrainingOptions& options) const override {
        const Predictor& before = dynamic_cast<const ProtocolModel&>(model).predictor();
        const training::Link& link = options.setting.link;
        const LinkTimes link_times = LinkTimes::of(link.bandwidth_mbps, link.rtt_ms);
        const int known_bits = before.engine().parameters().bit_length;
        Adapted best = adapt(before.coefficients(), before.engine(), link_times, set);
        // Where nobody says at how many bits the times were measured, refills tell: they fall into other operations.
        const int most_apart = options.is_bit_length_stated ? 0 : most_bits_apart;
        double least = distinct_misfit * best.misfit;
        for (int bits = known_bits - most_apart; bits <= known_bits + most_apart; ++bits) {
            EngineParameters parameters = before.engine().parameters();
            parameters.bit_length = bits;
            try {
                const Adapted other = adapt(before.coefficients(), before.engine().with(parameters), link_times, set);
                if (bits != known_bits && other.misfit < least) {
                    best = other;
                    least = other.misfit;
                }
            } catch (const std::invalid_argument&) {
                continue;  // the engine has no such ring
            }
        }
        return std::make_unique<ProtocolModel>(best.coefficients, best.engine, link);
    }

  private:
    struct Adapted {
        Coefficients coefficients;
        EngineProfile engine;
        double misfit = 0;
    };

    static constexpr int most_bits_apart = 8;
    static constexpr double distinct_misfit = 0.8;  // of that at the known bit length

    static Adapted adapt(const Coefficients& coefficients, const EngineProfile& engine, const LinkTimes& link,
                         const TrainingSet& set) {
        const Predictor predictor(coefficients, engine, link);
        std::vector<TimedStep> times;
        for (const training::MeasuredNetwork& network : set) {
            add_times(predictor, network, times);
        }
        const Coefficients adapted = calibrated(coefficients, link, times);
        return {adapted, engine, misfit(adapted, link, times)};
    }

    // The least of the repetitions: a machine that is only lent drifts.
    static void add_times(const Predictor& predictor, const training::MeasuredNetwork& network,
                          std::vector<TimedStep>& times) {
        std::vector<TimedStep> steps = untimed_steps(predictor, network.operations);
        for (std::size_t i = 0; i < steps.size(); ++i) {
            RoleTimes least = {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
            for (const std::vector<RoleTimes>& run : network.runs) {
                least.client_ms = std::fmin(least.client_ms, run[i].client_ms);
                least.server_ms = std::fmin(least.server_ms, run[i].server_ms);
            }
            for (const bool is_client : {true, false}) {
                steps[i].is_client = is_client;
                steps[i].measured_ms = is_client ? least.client_ms : least.server_ms;
                if (std::isfinite(steps[i].measured_ms)) {
                    times.push_back(steps[i]);
                }
            }
        }
    }
};

}  // namespace

const training::TrainableModel& trainable_model() {
    static const TrainableProtocol model;
    return model;
}

}  // namespace sotto::protocol
