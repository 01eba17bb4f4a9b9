// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_models_report/experiments.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "bench/cost_models_report/coverage.hpp"
#include "bench/cost_models_report/prediction_cache.hpp"
#include "cost_models/trainable/trainable_models.hpp"
#include "cost_models/training/published_import.hpp"
#include "engine/input/input_error.hpp"

namespace sotto::report {
namespace {

using namespace training;
using Clock = std::chrono::steady_clock;

constexpr std::array<std::string_view, 3> reference_networks = {"sqnet", "resnet50", "densenet121"};
constexpr std::array<std::string_view, 4> section_list = {"shuffled rows", "unseen configurations",
                                                          "reference networks left out", "all networks left out"};
constexpr std::uint32_t grouped_folds = 5;

// Models that take seconds to train and not milliseconds: fewer seeds.
bool is_slow(std::string_view model) {
    return model != "analytical" && model != "protocol";
}

// Intervals of a learned model cost four trainings more for each of its own; those of the ablation tell nothing.
bool states_interval(std::string_view model) {
    return model != "lstm-no-pool";
}

std::uint32_t published_folds(std::string_view setting) {
    return setting == "local" ? 10 : 5;
}

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

Spread spread(const std::vector<double>& values) {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    return {std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size()), *least, *most};
}

// Measurements of one setting and the trainers made for their engine.
struct Data {
    const Setting* setting;
    std::size_t setting_index;
    std::string name;  // published or measured
    TrainingSet set;
};

class Experiments {
  public:
    Experiments(const Options& options, Report& report)
        : options_(options), report_(report), cache_{options.cache, code_version(), {}} {}

    void run() {
        describe_splits();
        load_models();
        load_data();
        for (const std::string& id : report_.models) {
            report_.points.push_back({id, {}, {}, {}});
            for (const Data& data : published_) {
                attempt(id, data, std::string(section_list[0]),
                        [&](const LatencyTrainer& trainer) { shuffled_rows(id, data, trainer); });
                attempt(id, data, std::string(section_list[1]),
                        [&](const LatencyTrainer& trainer) { unseen_configurations(id, data, trainer); });
                attempt(id, data, std::string(section_list[2]),
                        [&](const LatencyTrainer& trainer) { reference_networks_left_out(id, data, trainer); });
                attempt(id, data, std::string(section_list[3]),
                        [&](const LatencyTrainer& trainer) { published_networks_left_out(id, data, trainer); });
            }
            for (const Data& data : measured_) {
                attempt(id, data, std::string(section_list[3]),
                        [&](const LatencyTrainer& trainer) { measured_networks_left_out(id, data, trainer); });
            }
        }
        report_.cache = options_.cache;
        report_.models_trained = cache_.counts.trained;
        report_.models_reused = cache_.counts.reused;
        if (cache_.counts.damaged > 0) {
            report_.notes.push_back(std::to_string(cache_.counts.damaged) +
                                    " files of the cache were damaged; their models were trained again");
        }
        if (cache_.counts.not_kept > 0) {
            report_.notes.push_back(std::to_string(cache_.counts.not_kept) +
                                    " files could not be written to the cache");
        }
    }

  private:
    std::uint64_t seeds(std::string_view id, std::uint64_t fast, std::uint64_t slow) const {
        return options_.quick ? 1 : is_slow(id) ? slow : fast;
    }

    void describe_splits() {
        const std::string three = options_.quick ? "seed 1" : "seeds 1 to 3";
        const std::string slow = options_.quick ? "" : " (learned models: seed 1)";
        report_.splits = {"shuffled rows: 10 folds local, 5 elsewhere, " + three + slow,
                          "grouped by configuration: 5 folds, " + three, "networks left out: each alone",
                          "training: seed 1"};
    }

    void load_models() {
        for (const std::string& id : options_.models) {
            try {
                models_.emplace(id, &trainable_model(id));
                report_.models.push_back(id);
            } catch (const input::InputError&) {
                throw;
            } catch (const std::exception& error) {
                report_.notes.push_back(id + " is not there: " + error.what());
            }
        }
    }

    void load_data() {
        namespace fs = std::filesystem;
        const std::string published = options_.data + "/data/snni_public";
        if (fs::is_directory(published) && fs::is_directory(options_.data + "/reference")) {
            report_.published = read_published_figures(options_.data);
            report_.has_published = true;
        } else {
            report_.notes.push_back("the published measurements and figures are not there (" + published + " and " +
                                    options_.data + "/reference): their sections are left out");
        }
        for (std::size_t i = 0; i < settings().size(); ++i) {
            const Setting& setting = settings()[i];
            if (report_.has_published) {
                published_.push_back(
                    {&setting, i, "published", training_set({import_published(published, setting.name)})});
            }
            const std::string table = options_.measured + '/' + std::string(setting.name) + ".csv";
            if (fs::exists(table)) {
                measured_.push_back(
                    {&setting, i, "measured", training_set({read_measurement_table(table, Times::required)})});
            } else {
                report_.notes.push_back(table + " is not there");
            }
        }
    }

    // Runs one experiment of one model; what goes wrong is the report's to tell.
    void attempt(const std::string& id, const Data& data, const std::string& what,
                 const std::function<void(const LatencyTrainer&)>& experiment) {
        if (!options_.sections.empty() &&
            std::find(options_.sections.begin(), options_.sections.end(), what) == options_.sections.end()) {
            return;
        }
        const std::string name = id + ", " + data.name + ' ' + std::string(data.setting->name) + ", " + what;
        const auto begin = Clock::now();
        const std::size_t trained = cache_.counts.trained;
        try {
            TrainerOptions trainer_options;
            trainer_options.engine.name = data.name == "published" ? "opencheetah-2022" : "opencheetah-2023";
            trainer_options.engine.parameters = nlohmann::json::object();
            const std::unique_ptr<LatencyTrainer> trainer = models_.at(id)->trainer(trainer_options);
            const bool may_train =
                !options_.quick || !is_slow(id) || (data.name == "published" && what == section_list[2]);
            experiment(CachedTrainer(*trainer, trainer_options.engine.name, may_train, cache_));
            std::fprintf(stderr, "%s: %.1f s, %zu models trained\n", name.c_str(), seconds_since(begin),
                         cache_.counts.trained - trained);
        } catch (const NotCached&) {
            report_.notes.push_back(name + ": not computed by --quick and not in the cache");
        } catch (const std::exception& error) {
            report_.failures.push_back(name + ": " + error.what());
        }
    }

    // What a model was not trained on is in none of the figures, and the report says how much of it there is.
    std::vector<HeldOut> predict_held_out(const std::string& id, const Data& data, const LatencyTrainer& trainer,
                                          const Folds& folds, bool estimates_deviation = false,
                                          const std::vector<std::string>& only_networks = {}) {
        TrainingOptions training;
        training.setting = *data.setting;
        training.estimates_deviation = estimates_deviation;
        std::vector<HeldOut> held_out =
            cross_validate(data.set, trainer, folds, training, options_.threads, only_networks);
        for (const auto& [kind, rows] : unknown_operations(data.set, held_out)) {
            add_note(id + ", " + data.name + ' ' + std::string(data.setting->name) + ": " + std::to_string(rows) +
                     " rows of " + kind + " are in no figure of a split that leaves none of them to train on");
        }
        return held_out;
    }

    using SeedFigures = std::map<LayerKey, std::vector<ErrorFigures>>;

    static void add(const Data& data, const std::vector<LayerFigures>& layers, SeedFigures& figures) {
        for (const LayerFigures& layer : layers) {
            figures[{std::string(data.setting->name), layer.layer, layer.role}].push_back(layer.figures);
        }
    }

    static void put(const SeedFigures& figures, const std::string& id, std::vector<LayerResult>& results) {
        for (const auto& [key, seeds] : figures) {
            std::vector<double> r2;
            std::vector<double> mae;
            double bias = 0;
            for (const ErrorFigures& one : seeds) {
                r2.push_back(one.r2);
                mae.push_back(one.mae_ms);
                bias += one.bias_percent / static_cast<double>(seeds.size());
            }
            results.push_back({key, id, spread(r2), spread(mae), bias, seeds.front().rows, seeds.size()});
        }
    }

    void shuffled_rows(const std::string& id, const Data& data, const LatencyTrainer& trainer) {
        SeedFigures figures;
        for (std::uint64_t seed = 1; seed <= seeds(id, 3, 1); ++seed) {
            const Folds folds = deal(data.set, Split::rows, published_folds(data.setting->name), seed);
            add(data, figures_by_layer(data.set, predict_held_out(id, data, trainer, folds), Pooling::mean_of_folds),
                figures);
        }
        put(figures, id, report_.shuffled);
    }

    void unseen_configurations(const std::string& id, const Data& data, const LatencyTrainer& trainer) {
        SeedFigures figures;
        for (std::uint64_t seed = 1; seed <= seeds(id, 3, 3); ++seed) {
            const Folds folds = deal(data.set, Split::configurations, grouped_folds, seed);
            const std::vector<HeldOut> held_out = predict_held_out(id, data, trainer, folds);
            add(data, figures_by_layer(data.set, held_out), figures);
            if (seed == 1) {
                add_operations(data, held_out);
            }
        }
        put(figures, id, report_.grouped);
    }

    // One point for each operation of each network.
    void add_operations(const Data& data, const std::vector<HeldOut>& held_out) {
        struct Sum {
            double measured = 0;
            double predicted = 0;
            int runs = 0;
        };
        std::map<std::pair<std::uint32_t, std::uint32_t>, Sum> sums;
        for (const HeldOut& row : held_out) {
            const double measured = std::max(row.measured.client_ms, row.measured.server_ms);
            if (!std::isnan(row.measured.client_ms + row.measured.server_ms)) {
                Sum& sum = sums[{row.network, row.position}];
                sum.measured += measured;
                sum.predicted += std::max(row.predicted.client_ms, row.predicted.server_ms);
                ++sum.runs;
            }
        }
        for (const auto& [place, sum] : sums) {
            report_.points.back().operations.push_back(
                {sum.measured / sum.runs, sum.predicted / sum.runs, data.setting_index});
        }
    }

    void reference_networks_left_out(const std::string& id, const Data& data, const LatencyTrainer& trainer) {
        std::vector<std::string> wanted;
        for (const MeasuredNetwork& network : data.set) {
            if (std::find(reference_networks.begin(), reference_networks.end(), network.name) !=
                reference_networks.end()) {
                wanted.push_back(network.name);
            }
        }
        if (wanted.empty()) {
            return;
        }
        const Folds folds = deal(data.set, Split::networks, 0, 1);
        const std::vector<HeldOut> held_out = predict_held_out(id, data, trainer, folds, false, wanted);
        for (NetworkFigures& figures : figures_by_network(data.set, held_out)) {
            const NetworkKey key{std::string(data.setting->name), figures.network, figures.role};
            report_.left_out.push_back({key, id, std::move(figures)});
        }
    }

    void published_networks_left_out(const std::string& id, const Data& data, const LatencyTrainer& trainer) {
        if (!states_interval(id)) {
            return;  // without intervals there is nothing to cover
        }
        const Folds folds = deal(data.set, Split::networks, 0, 1);
        const std::vector<HeldOut> held_out = predict_held_out(id, data, trainer, folds, true);
        std::map<std::string, StatedTotal> totals;
        for (const NetworkFigures& figures : figures_by_network(data.set, held_out)) {
            StatedTotal& total = totals.try_emplace(figures.network).first->second;
            total.measured_ms = std::max(total.measured_ms, figures.measured_ms);
            total.predicted_ms = std::max(total.predicted_ms, figures.predicted_ms);
            total.deviation_ms = figures.total_deviation_ms;
        }
        std::vector<StatedTotal> stated;
        for (const auto& [network, total] : totals) {
            if (!(total.measured_ms > 0)) {
                continue;  // nothing of it is known to its model, or no run is complete
            }
            report_.points.back().published_networks.push_back(
                {total.measured_ms, total.predicted_ms, data.setting_index});
            stated.push_back(total);
        }
        add_coverage(id, data, stated);
    }

    void measured_networks_left_out(const std::string& id, const Data& data, const LatencyTrainer& trainer) {
        const Folds folds = deal(data.set, Split::networks, 0, 1);
        const std::vector<HeldOut> held_out = predict_held_out(id, data, trainer, folds, states_interval(id));
        std::vector<StatedTotal> stated;
        for (SlowerPartyTotal& total : totals_of_slower_party(data.set, held_out)) {
            if (!(total.measured_ms > 0)) {
                continue;  // nothing of it is known to its model
            }
            report_.points.back().measured_networks.push_back(
                {total.measured_ms, total.predicted_ms, data.setting_index});
            stated.push_back({total.measured_ms, total.predicted_ms, total.total_deviation_ms});
            report_.measured.push_back({std::string(data.setting->name), id, std::move(total)});
        }
        add_coverage(id, data, stated);
    }

    void add_coverage(const std::string& id, const Data& data, const std::vector<StatedTotal>& totals) {
        if (totals.empty()) {
            return;
        }
        const std::optional<Coverage> coverage = coverage_of(totals);
        const std::string note = id + ": states no intervals for " + data.name + " totals";
        if (coverage) {
            report_.coverage.push_back({data.name, std::string(data.setting->name), id, totals.size(), *coverage});
        } else {
            add_note(note);
        }
    }

    void add_note(const std::string& note) {
        if (std::find(report_.notes.begin(), report_.notes.end(), note) == report_.notes.end()) {
            report_.notes.push_back(note);
        }
    }

    const Options& options_;
    Report& report_;
    PredictionCache cache_;
    std::map<std::string, const TrainableModel*> models_;
    std::vector<Data> published_;
    std::vector<Data> measured_;
};

}  // namespace

std::span<const std::string_view> section_names() {
    return section_list;
}

Report run_experiments(const Options& options) {
    const auto begin = Clock::now();
    Report report;
    Experiments(options, report).run();
    if (options.sections.empty()) {
        measure_speed(report.models, options.quick, report);
    } else {
        report.notes.push_back("only the sections that --sections names were computed");
    }
    report.seconds = seconds_since(begin);
    return report;
}

}  // namespace sotto::report
