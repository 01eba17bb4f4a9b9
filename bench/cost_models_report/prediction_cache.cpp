// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_models_report/prediction_cache.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <fstream>
#include <mutex>
#include <optional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "bench/cost_models_report/predictions_file.hpp"
#include "cost_models/model_file/model_file.hpp"
#include "cost_models/training/operation_columns.hpp"
#include "engine/input/csv.hpp"

namespace sotto::report {
namespace {

using training::LatencyModel;
using training::LatencyTrainer;
using training::RoleTimes;
using training::TrainingOptions;
using training::TrainingSet;

constexpr std::size_t most_bytes = std::size_t{64} << 20U;

void put(std::string& bytes, std::uint64_t value) {
    const auto raw = std::bit_cast<std::array<char, sizeof value>>(value);
    bytes.append(raw.data(), raw.size());
}

void put(std::string& bytes, double value) {
    // All NaNs are one: a time that is not to be seen.
    put(bytes, value == value ? std::bit_cast<std::uint64_t>(value) : ~std::uint64_t{0});
}

void put(std::string& bytes, std::string_view text) {
    put(bytes, static_cast<std::uint64_t>(text.size()));
    bytes += text;
}

void put(std::string& bytes, std::span<const sotto_operation> program) {
    put(bytes, static_cast<std::uint64_t>(program.size()));
    for (const sotto_operation& operation : program) {
        for (const std::int32_t value : {operation.kind, operation.normalization, operation.truncates}) {
            put(bytes, static_cast<std::uint64_t>(value));
        }
        put(bytes, static_cast<std::uint64_t>(operation.elements));
        for (std::size_t i = 0; i < training::size_columns.size(); ++i) {
            put(bytes, static_cast<std::uint64_t>(training::size_of(operation, i)));
        }
    }
}

std::string program_hash(std::span<const sotto_operation> program) {
    std::string bytes;
    put(bytes, program);
    return model_file::content_hash(bytes);
}

// Nothing where there is no file. Throws input::InputError for one that is damaged.
std::optional<Predictions> read_predictions(const std::filesystem::path& path) {
    if (path.empty() || !std::filesystem::exists(path)) {
        return std::nullopt;
    }
    return parse_predictions(input::read_text_file(path.string(), most_bytes, "predictions"), path.string());
}

// Replaces the file whole, so that a program that is stopped leaves none behind that is cut short. False where the
// system refuses.
bool write_predictions(const std::filesystem::path& path, const Predictions& predictions) {
    const std::filesystem::path partial = path.string() + ".partial";
    std::ofstream stream(partial, std::ios::binary | std::ios::trunc);
    stream << to_text(predictions);
    stream.close();
    std::error_code error;
    if (stream) {
        std::filesystem::rename(partial, path, error);
    }
    return stream && !error;
}

class CachedModel : public LatencyModel {
  public:
    CachedModel(const LatencyTrainer& trainer, const TrainingSet& set, const TrainingOptions& options, bool may_train,
                std::filesystem::path path, Predictions known, CacheCounts& counts)
        : trainer_(trainer),
          set_(set),
          options_(options),
          may_train_(may_train),
          path_(std::move(path)),
          known_(std::move(known)),
          counts_(counts) {}
    CachedModel(const CachedModel&) = delete;
    CachedModel& operator=(const CachedModel&) = delete;

    ~CachedModel() override {
        ++(model_ ? counts_.trained : counts_.reused);
        if (model_ && !path_.empty() && !write_predictions(path_, known_)) {
            ++counts_.not_kept;
        }
    }

    void predict(std::span<const sotto_operation> program, std::span<RoleTimes> times) const override {
        const std::scoped_lock lock(mutex_);
        const Prediction& prediction = of(program);
        std::copy(prediction.times.begin(), prediction.times.end(), times.begin());
    }

    double total_deviation_ms(std::span<const sotto_operation> program,
                              std::span<const RoleTimes> /*times*/) const override {
        const std::scoped_lock lock(mutex_);
        return of(program).total_deviation_ms;
    }

  private:
    const Prediction& of(std::span<const sotto_operation> program) const {
        const std::string hash = program_hash(program);
        const auto known = known_.find(hash);
        if (known != known_.end() && known->second.times.size() == program.size()) {
            return known->second;
        }
        if (!may_train_) {
            throw NotCached{};
        }
        if (!model_) {
            model_ = trainer_.train(set_, options_);
        }
        Prediction prediction;
        prediction.times.resize(program.size());
        model_->predict(program, prediction.times);
        prediction.total_deviation_ms = model_->total_deviation_ms(program, prediction.times);
        return known_[hash] = std::move(prediction);
    }

    const LatencyTrainer& trainer_;
    TrainingSet set_;
    TrainingOptions options_;
    bool may_train_;
    std::filesystem::path path_;
    mutable std::mutex mutex_;
    mutable Predictions known_;
    mutable std::unique_ptr<LatencyModel> model_;
    CacheCounts& counts_;
};

}  // namespace

CachedTrainer::CachedTrainer(const LatencyTrainer& trainer, std::string trainer_options, bool may_train,
                             PredictionCache& cache)
    : trainer_(trainer), trainer_options_(std::move(trainer_options)), may_train_(may_train), cache_(cache) {}

std::unique_ptr<LatencyModel> CachedTrainer::train(const TrainingSet& set, const TrainingOptions& options) const {
    std::filesystem::path path;
    std::optional<Predictions> known;
    if (!cache_.directory.empty()) {
        std::string bytes;
        put(bytes, cache_.code_version);
        put(bytes, trainer_.id());
        put(bytes, trainer_options_);
        put(bytes, options.setting.name);
        put(bytes, options.setting.link.bandwidth_mbps);
        put(bytes, options.setting.link.rtt_ms);
        put(bytes, options.seed);
        put(bytes, static_cast<std::uint64_t>(options.estimates_deviation));
        put(bytes, static_cast<std::uint64_t>(set.size()));
        for (const training::MeasuredNetwork& network : set) {
            put(bytes, network.name);
            put(bytes, std::span<const sotto_operation>(network.operations));
            put(bytes, static_cast<std::uint64_t>(network.runs.size()));
            for (const std::vector<RoleTimes>& run : network.runs) {
                for (const RoleTimes& times : run) {
                    put(bytes, times.client_ms);
                    put(bytes, times.server_ms);
                }
            }
        }
        const std::filesystem::path folder = cache_.directory / std::string(trainer_.id());
        std::filesystem::create_directories(folder);
        path = folder / (model_file::content_hash(bytes) + ".csv");
        try {
            known = read_predictions(path);
        } catch (const input::InputError&) {
            ++cache_.counts.damaged;
        }
    }
    if (!known && !may_train_) {
        throw NotCached{};
    }
    return std::make_unique<CachedModel>(trainer_, set, options, may_train_, std::move(path),
                                         known.value_or(Predictions{}), cache_.counts);
}

}  // namespace sotto::report
