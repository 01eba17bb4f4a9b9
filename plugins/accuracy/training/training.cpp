// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/training/training.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include "engine/input/input_error.hpp"
#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/matrix_product.hpp"

namespace sotto::accuracy {
namespace {

// (z / 10 + 1)^2 = 1 + z / 5 + z^2 / 100, for z of unit variance. Half of it is too little for ten squares in a row:
// they make of the rare large values of an image all that a layer behind them sees.
constexpr double scale_in_front_of_square = 0.1;

// The share of a batch in the running statistics, as is usual.
constexpr double statistics_momentum = 0.1;

DifferentiableNetwork make_network(const Graph& graph, std::uint64_t seed, const TrainingSettings& settings) {
    NetworkOptions options;
    options.seed = seed;
    options.biases = true;
    options.normalize_convolutions = settings.normalize_convolutions;
    DifferentiableNetwork network(graph, options);
    for (LayerParameters& layer : network.layers()) {
        if (layer.weight.defined() && layer.weight.dim() == 4) {
            layer.weight = layer.weight.contiguous(at::MemoryFormat::ChannelsLast);
        }
    }
    for (const at::Tensor& parameter : network.parameters()) {
        parameter.requires_grad_(true);
    }
    return network;
}

/// How many rows of `outputs`, as many as there are labels, are all numbers and have their largest, the first of
/// equals, at the label.
std::int64_t count_recognised(const at::Tensor& outputs, const at::Tensor& labels) {
    const at::Tensor rows = outputs.detach().contiguous();
    const float* row = rows.data_ptr<float>();
    const std::int64_t* const label = labels.data_ptr<std::int64_t>();
    const std::int64_t classes = rows.size(1);
    std::int64_t recognised = 0;
    for (std::int64_t image = 0; image < labels.size(0); ++image, row += classes) {
        const bool numbers = std::none_of(row, row + classes, [](float value) { return std::isnan(value); });
        recognised += numbers && std::max_element(row, row + classes) - row == label[image] ? 1 : 0;
    }
    return recognised;
}

at::Tensor labels_of(const ImageData& images, std::span<const std::uint32_t> numbers) {
    at::Tensor labels = at::empty({static_cast<std::int64_t>(numbers.size())}, at::kLong);
    std::transform(numbers.begin(), numbers.end(), labels.data_ptr<std::int64_t>(),
                   [&](std::uint32_t number) { return std::int64_t{images.labels[number]}; });
    return labels;
}

/// Layers whose output reaches a square through nothing but layers that choose, join or average. Not through additions
/// (training.hpp).
std::vector<bool> layers_in_front_of_squares(const Graph& graph) {
    std::vector<bool> reaches(graph.nodes().size());
    for (std::size_t layer = graph.nodes().size() - 1; layer > 0; --layer) {
        const Node& node = graph.nodes()[layer];
        bool passes_on = false;
        switch (node.kind) {
            case SOTTO_LAYER_ACTIVATION:
                passes_on = node.activation == SOTTO_ACTIVATION_SQUARE ||
                            (node.activation == SOTTO_ACTIVATION_IDENTITY && reaches[layer]);
                break;
            case SOTTO_LAYER_MAX_POOL:
            case SOTTO_LAYER_AVERAGE_POOL:
            case SOTTO_LAYER_GLOBAL_MAX_POOL:
            case SOTTO_LAYER_GLOBAL_AVERAGE_POOL:
            case SOTTO_LAYER_CONCAT:
            case SOTTO_LAYER_FLATTEN:
            case SOTTO_LAYER_PAD:
                passes_on = reaches[layer];
                break;
            default:
                break;
        }
        if (passes_on && node.consumers > 0) {
            for (const std::uint32_t operand : graph.operands(layer)) {
                reaches[operand] = true;
            }
        }
    }
    return reaches;
}

std::vector<float> values_of(const at::Tensor& tensor) {
    // Dense tensors: elements as they lie in memory, whatever the format.
    const float* const begin = tensor.data_ptr<float>();
    return {begin, begin + tensor.numel()};
}

void set_values(const at::Tensor& tensor, const std::vector<float>& values) {
    assert(static_cast<std::int64_t>(values.size()) == tensor.numel());
    std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
}

}  // namespace

std::string TrainingSettings::text() const {
    std::string text;
    const auto add = [&](const char* name, double value) {
        text += name;
        text += ' ';
        text += std::to_string(std::bit_cast<std::uint64_t>(value)) + '\n';
    };
    add("epochs", static_cast<double>(epochs));
    add("batch", static_cast<double>(batch));
    add("learning_rate", learning_rate);
    add("warm_up", warm_up);
    add("momentum", descent.momentum);
    add("weight_decay", descent.weight_decay);
    add("gradient_norm", descent.gradient_norm);
    add("label_smoothing", label_smoothing);
    add("shift", augmentation.shift);
    add("flip", augmentation.flip ? 1 : 0);
    add("patience", static_cast<double>(patience));
    add("normalize_convolutions", normalize_convolutions ? 1 : 0);
    return text;
}

Training::Training(const Graph& graph, std::uint64_t seed, const DataSet& data, const TrainingSettings& settings,
                   const sotto_host* host)
    : seed_(seed),
      data_(data),
      settings_(settings),
      host_(host),
      network_(make_network(graph, seed, settings)),
      descent_(network_.parameters(), settings.descent) {
    const auto images = static_cast<std::int64_t>(data.training().size());
    assert(settings_.batch >= 1 && settings_.batch <= images);
    steps_ = images / settings_.batch;
    schedule_.highest = settings.learning_rate;
    schedule_.steps = steps_ * settings.epochs;
    schedule_.warm_up_steps = std::min(std::llround(settings.warm_up * static_cast<double>(steps_)),
                                       static_cast<long long>(schedule_.steps - 1));
    scale_weights();
    best_ = network_values();
}

void Training::scale_weights() {
    const at::NoGradGuard no_gradients;
    const std::vector<bool> squared = layers_in_front_of_squares(network_.graph());
    for (std::size_t layer = 0; layer < squared.size(); ++layer) {
        const LayerParameters& own = network_.layers()[layer];
        if (squared[layer] && own.scale.defined()) {
            own.scale.fill_(scale_in_front_of_square);
            own.shift.fill_(1);
        }
    }
    const auto count = static_cast<std::size_t>(settings_.batch);
    const std::vector<Displacement> unmoved(count);
    ForwardOptions options;
    options.host = host_;
    options.observe = [&](std::size_t layer, at::Tensor output) {
        // A bias marks the layers with weights whose output nothing normalises.
        const LayerParameters& own = network_.layers()[layer];
        for (std::int64_t channel = 0; own.bias.defined() && channel < output.size(1); ++channel) {
            at::Tensor values = output.select(1, channel);
            const double mean = values.mean().item<double>();
            const double deviation = values.std(false).item<double>();
            if (std::isfinite(deviation) && deviation > 0) {
                const double factor = (squared[layer] ? scale_in_front_of_square : 1) / deviation;
                const double offset = (squared[layer] ? 1 : 0) - mean * factor;
                own.weight.select(0, channel).mul_(factor);
                own.bias.select(0, channel).fill_(offset);
                values.mul_(factor).add_(offset);
            }
        }
        return output;
    };
    const auto lock = lock_for_batch();
    network_.forward(batch_of(data_.images(), data_.training().first(count), unmoved), options);
}

std::unique_lock<std::mutex> Training::lock_for_batch() const {
    // Batches that LibTorch may leave to the BLAS (matrix_product.hpp).
    constexpr std::int64_t least_of_kernels = 16;
    return settings_.batch < least_of_kernels ? lock_blas() : std::unique_lock<std::mutex>();
}

bool Training::ended() const {
    const auto trained = static_cast<std::int64_t>(epochs_.size());
    return diverged_ || trained >= settings_.epochs ||
           (settings_.patience > 0 && trained - static_cast<std::int64_t>(best_epoch()) > settings_.patience);
}

std::size_t Training::best_epoch() const {
    const auto best = std::max_element(epochs_.begin(), epochs_.end(), [](const EpochRecord& a, const EpochRecord& b) {
        return a.validation_accuracy < b.validation_accuracy;
    });
    return static_cast<std::size_t>(best - epochs_.begin());
}

void Training::run_epoch() {
    assert(!ended());
    const auto epoch = static_cast<std::uint32_t>(epochs_.size());
    const std::vector<std::uint32_t> order =
        draw_permutation(static_cast<std::uint32_t>(data_.training().size()),
                         random::Stream(seed_, epoch, 0, random::Purpose::training_order));
    const auto batch = static_cast<std::size_t>(settings_.batch);
    std::vector<std::uint32_t> numbers(batch);
    std::vector<Displacement> displacements(batch);
    ForwardOptions options;
    options.momentum = statistics_momentum;
    options.host = host_;
    options.fused = true;
    EpochRecord record;
    std::int64_t recognised = 0;
    for (std::int64_t step = 0; step < steps_; ++step) {
        for (std::size_t index = 0; index < batch; ++index) {
            numbers[index] = data_.training()[order[static_cast<std::size_t>(step) * batch + index]];
            random::Stream stream(seed_, epoch, numbers[index], random::Purpose::augmentation);
            displacements[index] = draw_displacement(settings_.augmentation, stream);
        }
        const auto lock = lock_for_batch();
        const at::Tensor outputs =
            network_.forward(batch_of(data_.images(), numbers, displacements), options).flatten(1);
        const at::Tensor labels = labels_of(data_.images(), numbers);
        constexpr std::int64_t mean_reduction = 1;
        const at::Tensor loss =
            at::cross_entropy_loss(outputs, labels, {}, mean_reduction, -100, settings_.label_smoothing);
        const double value = loss.item<double>();
        loss.backward();
        record.learning_rate = learning_rate(schedule_, std::int64_t{epoch} * steps_ + step);
        if (!descent_.step(record.learning_rate) || !std::isfinite(value)) {
            diverged_ = true;
            return;
        }
        record.training_loss += value / static_cast<double>(steps_);
        recognised += count_recognised(outputs, labels);
    }
    record.training_accuracy = static_cast<double>(recognised) / static_cast<double>(steps_ * settings_.batch);
    record.validation_accuracy = accuracy(data_.images(), data_.validation());
    epochs_.push_back(record);
    if (best_epoch() + 1 == epochs_.size()) {
        best_ = network_values();
    }
}

at::Tensor Training::batch_of(const ImageData& images, std::span<const std::uint32_t> numbers,
                              std::span<const Displacement> displacements) const {
    at::Tensor batch =
        at::empty({static_cast<std::int64_t>(numbers.size()), images.channels, images.height, images.width},
                  at::TensorOptions().dtype(at::kFloat).memory_format(at::MemoryFormat::ChannelsLast));
    float* out = batch.data_ptr<float>();
    for (std::size_t index = 0; index < numbers.size(); ++index, out += images.image_bytes()) {
        write_image(images, numbers[index], displacements[index], data_.scale(), out);
    }
    return batch;
}

double Training::accuracy(const ImageData& images, std::span<const std::uint32_t> numbers) {
    const at::NoGradGuard no_gradients;
    const std::vector<Displacement> unmoved(static_cast<std::size_t>(settings_.batch));
    ForwardOptions options;
    options.normalization = Normalization::running_statistics;
    options.host = host_;
    options.fused = true;
    std::int64_t recognised = 0;
    std::vector<std::uint32_t> batch(unmoved.size());
    for (std::size_t first = 0; first < numbers.size(); first += batch.size()) {
        const std::span<const std::uint32_t> part =
            numbers.subspan(first, std::min(batch.size(), numbers.size() - first));
        // The last batch is filled up: a smaller one would be another kernel's.
        std::fill(std::copy(part.begin(), part.end(), batch.begin()), batch.end(), part.front());
        const auto lock = lock_for_batch();
        const at::Tensor outputs = network_.forward(batch_of(images, batch, unmoved), options).flatten(1);
        recognised += count_recognised(outputs, labels_of(images, part));
    }
    return static_cast<double>(recognised) / static_cast<double>(numbers.size());
}

template <typename Measure>
double Training::with_best(Measure measure) {
    const std::vector<at::Tensor> tensors = network_tensors();
    const std::vector<std::vector<float>> current = network_values();
    for (std::size_t index = 0; index < tensors.size(); ++index) {
        set_values(tensors[index], best_[index]);
    }
    const double result = measure();
    for (std::size_t index = 0; index < tensors.size(); ++index) {
        set_values(tensors[index], current[index]);
    }
    return result;
}

double Training::best_validation_accuracy() {
    if (!epochs_.empty()) {
        return epochs_[best_epoch()].validation_accuracy;
    }
    return with_best([&] { return accuracy(data_.images(), data_.validation()); });
}

double Training::best_test_accuracy() {
    std::vector<std::uint32_t> all(data_.test().count());
    std::iota(all.begin(), all.end(), 0U);
    return with_best([&] { return accuracy(data_.test(), all); });
}

std::vector<at::Tensor> Training::network_tensors() const {
    std::vector<at::Tensor> tensors = network_.parameters();
    for (const LayerParameters& layer : network_.layers()) {
        if (layer.running_mean.defined()) {
            tensors.push_back(layer.running_mean);
            tensors.push_back(layer.running_variance);
        }
    }
    return tensors;
}

std::vector<std::vector<float>> Training::network_values() const {
    std::vector<std::vector<float>> values;
    for (const at::Tensor& tensor : network_tensors()) {
        values.push_back(values_of(tensor));
    }
    return values;
}

Checkpoint Training::state() const {
    Checkpoint checkpoint;
    checkpoint.diverged = diverged_;
    checkpoint.epochs = epochs_;
    checkpoint.tensors = network_values();
    for (const at::Tensor& velocity : descent_.velocities()) {
        checkpoint.tensors.push_back(values_of(velocity));
    }
    checkpoint.tensors.insert(checkpoint.tensors.end(), best_.begin(), best_.end());
    return checkpoint;
}

void Training::restore(Checkpoint checkpoint, const std::string& name) {
    std::vector<at::Tensor> tensors = network_tensors();
    const std::size_t network_count = tensors.size();
    tensors.insert(tensors.end(), descent_.velocities().begin(), descent_.velocities().end());
    const auto lengths = [](const auto& list, auto length_of) {
        std::vector<std::int64_t> result;
        std::transform(list.begin(), list.end(), std::back_inserter(result), length_of);
        return result;
    };
    std::vector<std::int64_t> expected = lengths(tensors, [](const at::Tensor& tensor) { return tensor.numel(); });
    expected.insert(expected.end(), expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(network_count));
    if (lengths(checkpoint.tensors, [](const auto& values) { return static_cast<std::int64_t>(values.size()); }) !=
            expected ||
        static_cast<std::int64_t>(checkpoint.epochs.size()) > settings_.epochs) {
        throw input::InputError({{name, 0, 0}, "checkpoint is of another network", {}, {}, {}});
    }
    for (std::size_t index = 0; index < tensors.size(); ++index) {
        set_values(tensors[index], checkpoint.tensors[index]);
    }
    std::move(checkpoint.tensors.begin() + static_cast<std::ptrdiff_t>(tensors.size()), checkpoint.tensors.end(),
              best_.begin());
    epochs_ = std::move(checkpoint.epochs);
    diverged_ = checkpoint.diverged;
}

}  // namespace sotto::accuracy
