// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/cross_validation.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <exception>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <thread>

#include "cost_models/training/operation_columns.hpp"
#include "engine/random/random.hpp"

namespace sotto::training {
namespace {

constexpr RoleTimes hidden = {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};

// The fold of each of `count` units, shuffled by a stream of its own.
std::vector<std::uint32_t> deal_units(std::size_t count, std::uint32_t fold_count, std::uint64_t seed, Split split,
                                      std::int32_t kind) {
    random::Stream stream(seed, static_cast<std::uint32_t>(kind), static_cast<std::uint32_t>(split),
                          random::Purpose::data_split);
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    random::shuffle(order, stream);
    std::vector<std::uint32_t> fold_of(count);
    for (std::size_t place = 0; place < count; ++place) {
        fold_of[order[place]] = static_cast<std::uint32_t>(place % fold_count);
    }
    return fold_of;
}

// The unit of every time among those of its layer type: [network][run][position], and how many each type has.
struct Units {
    std::vector<std::vector<std::vector<std::uint32_t>>> unit_of;
    std::array<std::uint32_t, SOTTO_OPERATION_ARGMAX + 1> counts{};
};

Units units_of(const TrainingSet& set, Split split) {
    Units units;
    const std::vector<std::vector<std::uint32_t>> configuration_of = configurations(set);
    constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::uint32_t> unit_of_configuration;  // configurations are numbered over all types, units within one
    for (std::size_t n = 0; n < set.size(); ++n) {
        std::vector<std::vector<std::uint32_t>>& runs = units.unit_of.emplace_back();
        for (std::size_t r = 0; r < set[n].runs.size(); ++r) {
            std::vector<std::uint32_t>& row = runs.emplace_back();
            for (std::size_t p = 0; p < set[n].operations.size(); ++p) {
                std::uint32_t& count = units.counts[static_cast<std::size_t>(set[n].operations[p].kind)];
                if (split == Split::rows) {
                    row.push_back(count++);
                    continue;
                }
                const std::uint32_t configuration = configuration_of[n][p];
                if (configuration >= unit_of_configuration.size()) {
                    unit_of_configuration.resize(configuration + 1, none);
                }
                std::uint32_t& unit = unit_of_configuration[configuration];
                if (unit == none) {
                    unit = count++;
                }
                row.push_back(unit);
            }
        }
    }
    return units;
}

void check_prediction(const LatencyTrainer& trainer, const MeasuredNetwork& network, std::size_t position,
                      const RoleTimes& predicted) {
    for (const Role role : roles) {
        const double time = predicted.of(role);
        if (!std::isfinite(time) || time < 0) {
            throw std::logic_error(std::string(trainer.id()) + " predicts " + std::to_string(time) + " ms for the " +
                                   std::string(role_name(role)) + " of operation " + std::to_string(position) + " (" +
                                   std::string(layer_type(network.operations[position])) + ") of '" + network.name +
                                   "'" + (std::isfinite(time) ? "" : ": it was trained with held-out times"));
        }
    }
}

bool has_times(const TrainingSet& set) {
    return std::any_of(set.begin(), set.end(), [](const MeasuredNetwork& network) {
        return std::any_of(network.runs.begin(), network.runs.end(), [](const std::vector<RoleTimes>& run) {
            return std::any_of(run.begin(), run.end(), [](const RoleTimes& times) {
                return !std::isnan(times.client_ms) || !std::isnan(times.server_ms);
            });
        });
    });
}

class CrossValidation {
  public:
    CrossValidation(const TrainingSet& set, const LatencyTrainer& trainer, const Folds& folds,
                    const TrainingOptions& options, const std::vector<std::string>& only_networks)
        : set_(set),
          trainer_(trainer),
          folds_(folds),
          options_(options),
          is_wanted_(set.size(), only_networks.empty()) {
        for (const std::string& name : only_networks) {
            const auto found = std::find_if(set.begin(), set.end(),
                                            [&](const MeasuredNetwork& network) { return network.name == name; });
            if (found == set.end()) {
                throw std::invalid_argument("no network '" + name + "' was measured");
            }
            is_wanted_[static_cast<std::size_t>(found - set.begin())] = true;
        }
        std::vector<bool> is_used(folds.fold_count);
        for (std::uint32_t n = 0; n < set.size(); ++n) {
            if (!is_wanted_[n]) {
                continue;
            }
            for (std::uint32_t r = 0; r < set[n].runs.size(); ++r) {
                for (std::uint32_t p = 0; p < set[n].operations.size(); ++p) {
                    const std::uint32_t fold = folds.fold_of[n][r][p];
                    is_used[fold] = true;
                    places_[fold].push_back(held_out_.size());
                    held_out_.push_back({n, r, p, fold, set[n].runs[r][p], hidden, hidden.client_ms});
                }
            }
        }
        for (std::uint32_t fold = 0; fold < folds.fold_count; ++fold) {
            if (is_used[fold]) {
                used_.push_back(fold);
            }
        }
        errors_.resize(used_.size());
    }

    std::vector<HeldOut> run(unsigned threads) {
        const std::size_t count = std::min<std::size_t>(std::max(threads, 1U), used_.size());
        {
            std::vector<std::jthread> workers;
            for (std::size_t i = 1; i < count; ++i) {
                workers.emplace_back([this] { work(); });
            }
            work();
        }
        for (const std::exception_ptr& error : errors_) {
            if (error) {
                std::rethrow_exception(error);
            }
        }
        return std::move(held_out_);
    }

  private:
    // Folds are begun in order and none that was taken is dropped, so the first that fails is the same for any number
    // of threads.
    void work() {
        while (!has_failed_) {
            const std::size_t i = next_++;
            if (i >= used_.size()) {
                return;
            }
            try {
                run_fold(used_[i]);
                const std::size_t done = ++done_;
                if (options_.on_fold) {
                    options_.on_fold(done, used_.size());
                }
            } catch (...) {
                errors_[i] = std::current_exception();
                has_failed_ = true;
            }
        }
    }

    void run_fold(std::uint32_t fold) {
        const TrainingSet visible = without_fold(set_, folds_, fold);
        if (!has_times(visible)) {
            throw std::invalid_argument("everything is held out at once, and no time is left to train on");
        }
        const std::unique_ptr<LatencyModel> model = trainer_.train(visible, options_);
        std::vector<RoleTimes> predicted;
        KnownPart part;
        std::size_t last = set_.size();
        for (const std::size_t place : places_[fold]) {
            HeldOut& row = held_out_[place];
            const MeasuredNetwork& network = set_[row.network];
            if (row.network != last) {
                predicted.assign(network.operations.size(), hidden);
                part = predict_known(*model, network.operations, predicted);
                last = row.network;
            }
            if (part.is_known[row.position]) {
                check_prediction(trainer_, network, row.position, predicted[row.position]);
            }
            row.predicted = predicted[row.position];
            row.total_deviation_ms = part.total_deviation_ms;
        }
    }

    const TrainingSet& set_;
    const LatencyTrainer& trainer_;
    const Folds& folds_;
    const TrainingOptions& options_;
    std::vector<bool> is_wanted_;
    std::vector<HeldOut> held_out_;
    std::vector<std::vector<std::size_t>> places_ = std::vector<std::vector<std::size_t>>(folds_.fold_count);
    std::vector<std::uint32_t> used_;
    std::vector<std::exception_ptr> errors_;
    std::atomic<std::size_t> next_ = 0;
    std::atomic<std::size_t> done_ = 0;
    std::atomic<bool> has_failed_ = false;
};

}  // namespace

std::string_view split_name(Split split) {
    constexpr std::array<std::string_view, 3> names = {"rows", "config", "network"};
    return names[static_cast<std::size_t>(split)];
}

Folds deal(const TrainingSet& set, Split split, std::uint32_t fold_count, std::uint64_t seed) {
    if (fold_count == 0 && split != Split::networks) {
        throw std::invalid_argument("rows and configurations are dealt into at least one fold");
    }
    Folds folds;
    folds.fold_count = fold_count > 0 ? fold_count : static_cast<std::uint32_t>(set.size());
    if (split == Split::networks) {
        std::vector<std::uint32_t> fold_of(set.size());
        if (fold_count == 0) {
            std::iota(fold_of.begin(), fold_of.end(), 0U);
        } else {
            fold_of = deal_units(set.size(), fold_count, seed, split, 0);
        }
        for (std::size_t n = 0; n < set.size(); ++n) {
            folds.fold_of.emplace_back(set[n].runs.size(),
                                       std::vector<std::uint32_t>(set[n].operations.size(), fold_of[n]));
        }
        return folds;
    }
    Units units = units_of(set, split);
    std::array<std::vector<std::uint32_t>, SOTTO_OPERATION_ARGMAX + 1> fold_of_unit;
    for (std::size_t kind = 0; kind < fold_of_unit.size(); ++kind) {
        fold_of_unit[kind] = deal_units(units.counts[kind], fold_count, seed, split, static_cast<std::int32_t>(kind));
    }
    folds.fold_of = std::move(units.unit_of);
    for (std::size_t n = 0; n < set.size(); ++n) {
        for (std::vector<std::uint32_t>& run : folds.fold_of[n]) {
            for (std::size_t p = 0; p < run.size(); ++p) {
                run[p] = fold_of_unit[static_cast<std::size_t>(set[n].operations[p].kind)][run[p]];
            }
        }
    }
    return folds;
}

TrainingSet without_fold(const TrainingSet& set, const Folds& folds, std::uint32_t fold) {
    TrainingSet visible = set;
    for (std::size_t n = 0; n < set.size(); ++n) {
        for (std::size_t r = 0; r < set[n].runs.size(); ++r) {
            for (std::size_t p = 0; p < set[n].operations.size(); ++p) {
                if (folds.fold_of[n][r][p] == fold) {
                    visible[n].runs[r][p] = hidden;
                    for (const Role role : roles) {
                        visible[n].unresolved.erase(
                            {static_cast<std::uint32_t>(r), static_cast<std::uint32_t>(p), role});
                    }
                }
            }
        }
    }
    return visible;
}

std::vector<HeldOut> cross_validate(const TrainingSet& set, const LatencyTrainer& trainer, const Folds& folds,
                                    const TrainingOptions& options, unsigned threads,
                                    const std::vector<std::string>& only_networks) {
    return CrossValidation(set, trainer, folds, options, only_networks).run(threads);
}

}  // namespace sotto::training
