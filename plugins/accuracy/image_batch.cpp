// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/image_batch.hpp"

#include <cmath>
#include <cstddef>
#include <set>
#include <span>

#include <ATen/ops/empty.h>

#include "engine/input/input_error.hpp"
#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/random_weights.hpp"
#include "plugins/accuracy/resolution.hpp"

namespace sotto::accuracy {
namespace {

constexpr std::uint64_t label_stream = 0x6C6162656C73ULL;   // "labels"
constexpr std::uint64_t choice_stream = 0x63686F696365ULL;  // "choice"

}  // namespace

ImageBatch draw_noise(const sotto_shape& shape, std::int64_t images, std::int64_t classes, std::uint64_t seed) {
    ImageBatch batch;
    batch.images = at::empty({images, shape.channels, shape.height, shape.width}, at::kFloat);
    fill_normal({batch.images.data_ptr<float>(), static_cast<std::size_t>(batch.images.numel())}, seed, noise_stream);
    const std::uint64_t start = mix(mix(seed) ^ label_stream);
    for (std::int64_t image = 0; image < images; ++image) {
        const std::uint64_t bits = mix(start + 0x9E3779B97F4A7C15ULL * static_cast<std::uint64_t>(image + 1)) >> 32U;
        batch.labels.push_back(static_cast<std::int64_t>((bits * static_cast<std::uint64_t>(classes)) >> 32U));
    }
    return batch;
}

ImageSource::ImageSource(const std::string& where, std::int64_t images) : is_noise_(where == "noise") {
    if (is_noise_) {
        return;
    }
    try {
        data_ = read_images(where, ImagePart::training);
    } catch (const input::InputError& error) {
        throw CandidateError(SOTTO_INVALID_ARGUMENT,
                             std::string("parameter 'images' is neither 'noise' nor a data set: ") + error.what());
    }
    if (data_.count() < static_cast<std::size_t>(images)) {
        throw CandidateError(SOTTO_INVALID_ARGUMENT, "parameter 'images': found " + std::to_string(data_.count()) +
                                                         " images in '" + where + "', expected at least the " +
                                                         std::to_string(images) + " of a batch");
    }
    const auto channels = static_cast<std::size_t>(data_.channels);
    const std::size_t positions = data_.image_bytes() / channels;
    const auto count = static_cast<double>(data_.count() * positions);
    for (std::size_t channel = 0; channel < channels; ++channel) {
        double sum = 0;
        double squares = 0;
        for (std::size_t image = 0; image < data_.count(); ++image) {
            for (const std::uint8_t pixel : data_.image(image).subspan(channel * positions, positions)) {
                sum += pixel;
                squares += static_cast<double>(pixel) * pixel;
            }
        }
        const double mean = sum / count;
        const double variance = squares / count - mean * mean;
        means_.push_back(static_cast<float>(mean));
        // A channel of one value everywhere stays at 0.
        scales_.push_back(variance > 0 ? static_cast<float>(1 / std::sqrt(variance)) : 1.0F);
    }
}

Graph ImageSource::fit(const Graph& graph, std::int64_t input_size) const {
    if (is_noise_) {
        return at_least_size(graph, input_size);
    }
    const sotto_shape& shape = graph.input_shape();
    if (shape.channels != data_.channels) {
        throw CandidateError(SOTTO_UNSUPPORTED, "the data set's images have " + std::to_string(data_.channels) +
                                                    " channels; the network reads " + std::to_string(shape.channels));
    }
    Graph fitted =
        shape.height == data_.height && shape.width == data_.width ? graph : graph.resized(data_.height, data_.width);
    const std::int64_t outputs = elements(fitted.nodes()[fitted.output()].output);
    if (outputs < data_.classes) {
        throw CandidateError(SOTTO_UNSUPPORTED, "the data set has " + std::to_string(data_.classes) +
                                                    " classes; the network has " + std::to_string(outputs) +
                                                    " outputs for its images");
    }
    return fitted;
}

ImageBatch ImageSource::draw(const Graph& graph, std::int64_t images, std::uint64_t seed) const {
    if (is_noise_) {
        return draw_noise(graph.input_shape(), images, elements(graph.nodes()[graph.output()].output), seed);
    }
    ImageBatch batch;
    batch.images = at::empty({images, data_.channels, data_.height, data_.width}, at::kFloat);
    float* out = batch.images.data_ptr<float>();
    const std::size_t positions = data_.image_bytes() / static_cast<std::size_t>(data_.channels);
    std::set<std::size_t> taken;
    std::uint64_t counter = mix(mix(seed) ^ choice_stream);
    while (batch.labels.size() < static_cast<std::size_t>(images)) {
        counter += 0x9E3779B97F4A7C15ULL;
        const std::size_t chosen = static_cast<std::size_t>(((mix(counter) >> 32U) * data_.count()) >> 32U);
        if (!taken.insert(chosen).second) {
            continue;
        }
        batch.labels.push_back(data_.labels[chosen]);
        const std::span<const std::uint8_t> pixels = data_.image(chosen);
        for (std::size_t at = 0; at < pixels.size(); ++at) {
            const std::size_t channel = at / positions;
            *out++ = (static_cast<float>(pixels[at]) - means_[channel]) * scales_[channel];
        }
    }
    return batch;
}

}  // namespace sotto::accuracy
