// SPDX-License-Identifier: Apache-2.0
// The estimate of what a training takes against what LibTorch's allocator and operator new give it.
#include "plugins/accuracy/training/training_memory.hpp"

#include <array>
#include <cstdint>
#include <random>
#include <string>

#include "plugins/accuracy/arguments.hpp"
#include "plugins/accuracy/training/data_set.hpp"
#include "plugins/accuracy/training/trained.hpp"
#include "plugins/accuracy/training/trained_declaration.hpp"
#include "plugins/accuracy/training/training.hpp"
#include "tests/engine/run/scratch_directory.hpp"
#include "tests/plugins/accuracy/counted_memory.hpp"
#include "tests/plugins/accuracy/training/quadrant_images.hpp"
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
        const double taken = peak_with_heap_of(work);
        const auto estimated = static_cast<double>(training_bytes(graph, settings));
        INFO(name << ": taken " << taken / 1048576 << " MiB, estimated " << estimated / 1048576);
        CHECK(taken > 100000);
        CHECK(estimated >= taken);
        CHECK(estimated <= 3 * taken);
    }
}

TEST_CASE("the memory of a training that keeps its state is estimated from above where weights dominate") {
    const sotto::run::test::ScratchDirectory folder;
    write_quadrant_images(folder.path(), 120, 40);
    FlatNetwork net;
    const auto first = net.relu(net.fully_connected(net.flatten(net.input(1, 8, 8)), 1500));
    net.fully_connected(net.relu(net.fully_connected(first, 1500)), 4);
    const Graph graph(net.view());
    constexpr double weight_bytes = 4.0 * (64 * 1500 + 1500 * 1500 + 1500 * 4);
    TrainingSettings settings;
    settings.batch = 16;
    const auto estimated = static_cast<double>(training_bytes(graph, settings));
    const auto taken = [&](const std::string& stop_after, const std::string& state) {
        const auto trained = make_trained(Arguments(trained_descriptor, {{"data", folder.path().string()},
                                                                         {"validation", "40"},
                                                                         {"batch", "16"},
                                                                         {"epochs", "3"},
                                                                         {"stop_after", stop_after},
                                                                         {"state_directory", state}}),
                                          nullptr);
        std::array<double, trained_metrics.size()> metrics{};
        return peak_with_heap_of([&] { trained->evaluate(graph, 1, metrics); });
    };
    taken("1", "");  // what LibTorch keeps for good comes with the first time
    const std::string state = (folder.path() / "state").string();
    const double without = taken("1", "");
    const double saved = taken("1", state);
    const double resumed = taken("3", state);
    const double trained_anew = taken("2", state);
    INFO("weights " << weight_bytes / 1048576 << " MiB, estimated " << estimated / 1048576 << ", taken without state "
                    << without / 1048576 << ", saved " << saved / 1048576 << ", resumed " << resumed / 1048576
                    << ", trained anew " << trained_anew / 1048576);
    // Weights, velocities and the best weights, and the three once more in a checkpoint.
    CHECK(saved >= 6 * weight_bytes);
    for (const double each : {without, saved, resumed, trained_anew}) {
        CHECK(estimated >= each);
        CHECK(estimated <= 3 * each);
    }
}
