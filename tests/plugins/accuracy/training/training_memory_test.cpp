// SPDX-License-Identifier: Apache-2.0
// The estimate of what a training takes against what LibTorch asks its allocator for.
#include "plugins/accuracy/training/training_memory.hpp"

#include <cstdint>
#include <random>

#include "plugins/accuracy/training/data_set.hpp"
#include "plugins/accuracy/training/training.hpp"
#include "tests/plugins/accuracy/counted_memory.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy;
using namespace sotto::accuracy_test;

namespace {

ImageData noise_images(const sotto_shape& shape, int count) {
    std::mt19937_64 engine(1);
    ImageData data;
    data.channels = shape.channels;
    data.height = shape.height;
    data.width = shape.width;
    data.classes = 10;
    for (int image = 0; image < count; ++image) {
        data.labels.push_back(static_cast<std::uint8_t>(image % 10));
    }
    for (std::int64_t pixel = 0; pixel < std::int64_t{count} * shape.channels * shape.height * shape.width; ++pixel) {
        data.pixels.push_back(static_cast<std::uint8_t>(engine() % 256));
    }
    return data;
}

}  // namespace

TEST_CASE("the memory of a training is estimated from above and within a factor of 3") {
    for (auto& [name, network] : networks_to_count()) {
        const Graph graph(network.view());
        TrainingSettings settings;
        settings.batch = 32;
        settings.epochs = 2;
        settings.descent = {0.9, 5e-4, 0};
        settings.augmentation = {4, true};
        DataSetSettings chosen;
        chosen.folder = "noise";
        chosen.validation = 64;
        const DataSet data(noise_images(graph.input_shape(), 128), noise_images(graph.input_shape(), 64), chosen);
        const auto work = [&, &graph = graph] {
            Training training(graph, 1, data, settings, nullptr);
            while (!training.ended()) {
                training.run_epoch();
                training.restore(training.state(), "checkpoint");
            }
            training.best_test_accuracy();
        };
        work();  // what LibTorch keeps for good comes with the first time
        const double taken = peak_of(work);
        const auto estimated = static_cast<double>(training_bytes(graph, settings));
        INFO(name << ": taken " << taken / 1048576 << " MiB, estimated " << estimated / 1048576);
        CHECK(taken > 100000);
        CHECK(estimated >= taken);
        CHECK(estimated <= 3 * taken);
    }
}
