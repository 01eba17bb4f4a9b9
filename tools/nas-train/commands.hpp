// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cost_models/model_file/model_file.hpp"
#include "cost_models/training/cross_validation.hpp"
#include "cost_models/training/trainable_model.hpp"

namespace sotto::tools {

/// What the command line of nas-train says.
struct TrainOptions {
    std::string model;  ///< id; evaluate: or a model file
    std::string setting = "lan";
    std::string engine = "opencheetah-2022";
    std::optional<int> bit_length;      ///< of the engine that was measured; empty: the profile's, or the model file's
    std::optional<int> engine_threads;  ///< likewise
    std::string bandwidth_mbps;         ///< numbers above 0 of the link that was measured on; empty: the setting's, or
    std::string rtt_ms;                 ///< the model file's
    bool names_setting = false;         ///< --setting was typed
    bool names_engine = false;
    std::vector<std::string> data;
    std::string source;
    std::string out;
    std::string calibrate;            ///< model file to adapt; empty: train
    std::vector<std::string> splits;  ///< rows, config, network, none
    std::string split;                ///< evaluate: one of them, or empty
    std::uint32_t folds = 5;
    std::uint32_t seeds = 3;  ///< evaluate
    std::uint64_t seed = 1;
    std::uint32_t tune = 0;
    unsigned threads = 1;
    bool json = false;
    bool quiet = false;
    bool force = false;
};

struct ImportOptions {
    std::string directory;
    std::string setting;
    std::string sequences;
    std::string out;
    bool force = false;
};

// The commands. They print results on standard output and notes on standard error, return the exit code, and throw
// input::InputError for bad input and Interrupted where the process was asked to stop.
int train(const TrainOptions& options);
int calibrate(const TrainOptions& options);
int evaluate(const TrainOptions& options);
int import_published(const ImportOptions& options);

/// Notes for people on standard error, from any thread; silent where `quiet`.
std::function<void(std::string_view)> notes(bool quiet);

/// Notes how many folds are done, every few seconds at most.
std::function<void(std::size_t done, std::size_t count)> fold_notes(bool quiet);

/// What a trainer is told: the setting, the link (the options' where they have one, else `link`), the seed, and whether
/// the process was asked to stop. Throws input::InputError for a link where the model has no use for one.
training::TrainingOptions training_options(const TrainOptions& options, const training::TrainableModel& model,
                                           std::string_view setting, const training::Link& link);

training::Split split_of(std::string_view name);

/// The engine with the bit length and the threads of the options, where they have some.
model_file::EngineProfile with_parameters(model_file::EngineProfile engine, const TrainOptions& options);

/// Refuses, before time is spent on it, an output that cannot be written, that is one of the files to be read, or that
/// is there already: unless `force` where it is a file.
void check_output(const std::string& path, bool force, const std::vector<std::string>& inputs);

/// Refuses a file to be written that is one of the files to be read, under whatever name.
void require_no_input(const std::string& path, const std::vector<std::string>& inputs);

}  // namespace sotto::tools
