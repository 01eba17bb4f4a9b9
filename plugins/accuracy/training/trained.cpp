// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/training/trained.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "engine/input/input_error.hpp"
#include "plugins/accuracy/arguments.hpp"
#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/memory.hpp"
#include "plugins/accuracy/network_topology.hpp"
#include "plugins/accuracy/training/content_hash.hpp"
#include "plugins/accuracy/training/data_set.hpp"
#include "plugins/accuracy/training/state_files.hpp"
#include "plugins/accuracy/training/trained_declaration.hpp"
#include "plugins/accuracy/training/training.hpp"
#include "plugins/accuracy/training/training_memory.hpp"

namespace sotto::accuracy {
namespace {

std::string shape_text(std::int64_t channels, std::int64_t height, std::int64_t width) {
    return std::to_string(channels) + " x " + std::to_string(height) + " x " + std::to_string(width);
}

void check_fits(const Graph& graph, const ImageData& images) {
    const sotto_shape& input = graph.input_shape();
    if (input.channels != images.channels || input.height != images.height || input.width != images.width) {
        throw CandidateError(SOTTO_UNSUPPORTED, "the network takes images of " +
                                                    shape_text(input.channels, input.height, input.width) +
                                                    ", those of the data set are " +
                                                    shape_text(images.channels, images.height, images.width));
    }
    const sotto_shape& output = graph.nodes()[graph.output()].output;
    if (output.height != 1 || output.width != 1 || output.channels < images.classes) {
        throw CandidateError(SOTTO_UNSUPPORTED, "the network gives " +
                                                    shape_text(output.channels, output.height, output.width) +
                                                    " numbers, the data set needs one for each of " +
                                                    std::to_string(images.classes) + " classes");
    }
    if (weights_in_all(graph) == 0) {
        throw CandidateError(SOTTO_UNSUPPORTED, "the network has no weights to train");
    }
}

/// Of everything that the course of a training depends on.
std::string identity_of(const Graph& graph, std::uint64_t seed, const DataSet& data, const TrainingSettings& settings) {
    ContentHash hash;
    hash.add(trained_descriptor.version);
    hash.add(settings.text());
    hash.add(data.fingerprint());
    hash.add(&seed, sizeof seed);
    for (std::size_t layer = 0; layer < graph.nodes().size(); ++layer) {
        const Node& node = graph.nodes()[layer];
        const std::array<std::int32_t, 14> numbers{
            node.kind,
            node.activation,
            node.groups,
            node.output.channels,
            node.output.height,
            node.output.width,
            node.window.kernel_height,
            node.window.kernel_width,
            node.window.stride_height,
            node.window.stride_width,
            node.window.pad_top,
            node.window.pad_bottom,
            node.window.pad_left,
            node.window.pad_right,
        };
        hash.add(numbers.data(), sizeof numbers);
        hash.add(graph.operands(layer).data(), graph.operands(layer).size_bytes());
    }
    hash.add(std::to_string(graph.output()));
    return hash.text();
}

std::string file_name(std::uint64_t seed, const std::string& identity) {
    std::array<char, 17> digits{};
    std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(seed));
    return std::string(digits.data()) + '-' + identity.substr(0, 16);
}

class Trained : public Evaluator {
  public:
    Trained(const Arguments& arguments, const sotto_host* host)
        : host_(host), directory_(arguments.text("state_directory")), memory_limit_(arguments.integer("memory_limit")) {
        settings_.epochs = arguments.integer("epochs");
        settings_.batch = arguments.integer("batch");
        settings_.learning_rate = arguments.number("learning_rate");
        settings_.warm_up = arguments.number("warm_up");
        settings_.descent.momentum = arguments.number("momentum");
        settings_.descent.weight_decay = arguments.number("weight_decay");
        settings_.descent.gradient_norm = arguments.number("gradient_norm");
        settings_.label_smoothing = arguments.number("label_smoothing");
        settings_.augmentation.shift = static_cast<std::int32_t>(arguments.integer("shift"));
        settings_.augmentation.flip = arguments.boolean("flip");
        settings_.patience = arguments.integer("patience");
        settings_.normalize_convolutions = arguments.text("batch_norm") == "fold";
        const std::int64_t stop_after = arguments.integer("stop_after");
        stop_after_ = stop_after == 0 ? settings_.epochs : stop_after;
        if (stop_after_ > settings_.epochs) {
            throw CandidateError(SOTTO_INVALID_ARGUMENT,
                                 "parameter 'stop_after': found " + std::to_string(stop_after_) +
                                     ", expected at most the epochs, which are " + std::to_string(settings_.epochs));
        }
        if (settings_.warm_up > static_cast<double>(settings_.epochs)) {
            throw CandidateError(SOTTO_INVALID_ARGUMENT, "parameter 'warm_up': found " + arguments.text("warm_up") +
                                                             ", expected at most the epochs, which are " +
                                                             std::to_string(settings_.epochs));
        }
        DataSetSettings data;
        data.folder = arguments.text("data");
        data.validation = arguments.integer("validation");
        data.training_images = arguments.integer("training_images");
        data.seed = static_cast<std::uint64_t>(arguments.integer("data_seed"));
        data_ = open_data_set(data);
        settings_.batch = std::min(settings_.batch, static_cast<std::int64_t>(data_->training().size()));
    }

    void evaluate(const Graph& graph, std::uint64_t seed, std::span<double> result) const override {
        check_fits(graph, data_->images());
        check_memory(training_bytes(graph, settings_), memory_limit_);
        const TrainingAnswer answer = directory_.empty() ? train(graph, seed) : train_with_state(graph, seed);
        result[0] = answer.validation_accuracy;
        result[1] = answer.test_accuracy;
        result[2] = static_cast<double>(answer.epochs);
    }

  private:
    bool is_done(const Training& training) const {
        return training.ended() || static_cast<std::int64_t>(training.epochs().size()) >= stop_after_;
    }

    TrainingAnswer answer_of(Training& training) const {
        return {stop_after_, training.best_validation_accuracy(), training.best_test_accuracy(),
                static_cast<std::int64_t>(training.epochs().size())};
    }

    TrainingAnswer train(const Graph& graph, std::uint64_t seed) const {
        Training training(graph, seed, *data_, settings_, host_);
        while (!is_done(training)) {
            training.run_epoch();
        }
        return answer_of(training);
    }

    [[noreturn]] static void refuse_checkpoint(const input::InputError& error) {
        throw CandidateError(SOTTO_INVALID_ARGUMENT,
                             std::string(error.what()) + "; without the file, training begins anew");
    }

    static std::optional<Checkpoint> read(const StateFiles& files, const std::string& identity) {
        try {
            return files.read(identity);
        } catch (const input::InputError& error) {
            refuse_checkpoint(error);
        }
    }

    static void restore(Training& training, Checkpoint checkpoint, const StateFiles& files) {
        try {
            training.restore(std::move(checkpoint), files.checkpoint_path().string());
        } catch (const input::InputError& error) {
            refuse_checkpoint(error);
        }
    }

    TrainingAnswer train_with_state(const Graph& graph, std::uint64_t seed) const {
        const std::string identity = identity_of(graph, seed, *data_, settings_);
        const StateFiles files(directory_, file_name(seed, identity), host_);
        // A checkpoint takes as much as a training: each goes before the next one comes.
        std::optional<Checkpoint> found = read(files, identity);
        std::vector<TrainingAnswer> answers = found ? std::move(found->answers) : std::vector<TrainingAnswer>{};
        const auto known = std::find_if(answers.begin(), answers.end(),
                                        [&](const TrainingAnswer& answer) { return answer.stop_after == stop_after_; });
        if (known != answers.end()) {
            return *known;
        }
        if (found && static_cast<std::int64_t>(found->epochs.size()) > stop_after_) {
            // The networks of earlier epochs are gone: this answer takes a training of its own.
            found.reset();
            return train(graph, seed);
        }
        Training training(graph, seed, *data_, settings_, host_);
        if (found) {
            restore(training, *std::move(found), files);
        }
        const auto save = [&] {
            Checkpoint checkpoint = training.state();
            checkpoint.identity = identity;
            checkpoint.answers = answers;
            files.write(checkpoint);
        };
        while (!is_done(training)) {
            training.run_epoch();
            save();
        }
        answers.push_back(answer_of(training));
        save();
        return answers.back();
    }

    const sotto_host* host_;
    TrainingSettings settings_;
    std::int64_t stop_after_ = 0;
    std::string directory_;
    std::int64_t memory_limit_;
    std::shared_ptr<const DataSet> data_;
};

}  // namespace

std::unique_ptr<Evaluator> make_trained(const Arguments& arguments, const sotto_host* host) {
    return std::make_unique<Trained>(arguments, host);
}

}  // namespace sotto::accuracy
