// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/accuracy/training/quadrant_images.hpp"

#include <random>
#include <string>
#include <vector>

#include "tests/engine/run/scratch_directory.hpp"
#include "tests/plugins/accuracy/image_files.hpp"

namespace sotto::accuracy_test {
namespace {

constexpr int side = 8;

void write_part(const std::filesystem::path& folder, const std::string& name, const accuracy::ImageData& data) {
    run::test::put(folder / (name + "-images-idx3-ubyte"),
                   idx_images(static_cast<int>(data.count()), side, side, [&](int image, int pixel) {
                       return data.image(static_cast<std::size_t>(image))[static_cast<std::size_t>(pixel)];
                   }));
    run::test::put(folder / (name + "-labels-idx1-ubyte"), idx_labels({data.labels.begin(), data.labels.end()}));
}

}  // namespace

accuracy::ImageData quadrant_images(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    accuracy::ImageData data;
    data.channels = 1;
    data.height = side;
    data.width = side;
    data.classes = 4;
    for (std::size_t image = 0; image < count; ++image) {
        const auto label = static_cast<int>(image % 4);
        data.labels.push_back(static_cast<std::uint8_t>(label));
        for (int row = 0; row < side; ++row) {
            for (int column = 0; column < side; ++column) {
                const bool bright = 2 * (row >= side / 2 ? 1 : 0) + (column >= side / 2 ? 1 : 0) == label;
                data.pixels.push_back(static_cast<std::uint8_t>(engine() % 100 + (bright ? 100 : 0)));
            }
        }
    }
    return data;
}

void write_quadrant_images(const std::filesystem::path& folder, std::size_t training, std::size_t test) {
    write_part(folder, "train", quadrant_images(training, 1));
    write_part(folder, "t10k", quadrant_images(test, 2));
}

accuracy::DataSet quadrant_data(std::size_t training) {
    accuracy::DataSetSettings settings;
    settings.folder = "quadrants";
    settings.validation = 40;
    return accuracy::DataSet(quadrant_images(training + 40, 1), quadrant_images(40, 2), settings);
}

}  // namespace sotto::accuracy_test
