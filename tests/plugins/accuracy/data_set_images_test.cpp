// SPDX-License-Identifier: Apache-2.0
// Gradient proxies at the images of a data set instead of noise.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/engine/run/scratch_directory.hpp"
#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/plugins/accuracy/proxy_library.hpp"
#include "tests/plugins/accuracy/reference_forward.hpp"
#include "tests/plugins/accuracy/training/quadrant_images.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy_test;

namespace {

constexpr std::size_t images = 16;
constexpr std::uint64_t seed = 3;

/// A data set of 16 grey images of 8 x 8 in four classes: a batch of 16 is all of it, in whatever order it is drawn.
class Folder {
  public:
    Folder() { write_quadrant_images(directory_.path(), images, 4); }

    Answer answer(FlatNetwork& network) const {
        return ProxyLibrary::get()
            .create("grad-norm", {{"images", directory_.path().string()}, {"batch", std::to_string(images)}})
            .evaluate(network.view(), seed);
    }
    const std::filesystem::path& path() const { return directory_.path(); }

  private:
    sotto::run::test::ScratchDirectory directory_;
};

/// The norm of the gradient of a linear classifier, 1/N sum of (p - y) x', for pixels of mean 0 and variance 1.
double norm_by_definition(const std::vector<double>& weights) {
    const sotto::accuracy::ImageData data = quadrant_images(images, 1);
    const std::size_t pixels = data.image_bytes();
    double mean = 0;
    for (const std::uint8_t pixel : data.pixels) {
        mean += pixel / static_cast<double>(data.pixels.size());
    }
    double variance = 0;
    for (const std::uint8_t pixel : data.pixels) {
        variance += (pixel - mean) * (pixel - mean) / static_cast<double>(data.pixels.size());
    }
    const std::size_t classes = weights.size() / pixels;
    std::vector<double> gradient(weights.size());
    for (std::size_t image = 0; image < images; ++image) {
        std::vector<double> x;
        for (const std::uint8_t pixel : data.image(image)) {
            x.push_back((pixel - mean) / std::sqrt(variance));
        }
        std::vector<double> probabilities(classes);
        double sum = 0;
        for (std::size_t row = 0; row < classes; ++row) {
            double logit = 0;
            for (std::size_t at = 0; at < pixels; ++at) {
                logit += weights[row * pixels + at] * x[at];
            }
            probabilities[row] = std::exp(logit);
            sum += probabilities[row];
        }
        for (std::size_t row = 0; row < classes; ++row) {
            const double error = probabilities[row] / sum - (data.labels[image] == row ? 1 : 0);
            for (std::size_t at = 0; at < pixels; ++at) {
                gradient[row * pixels + at] += error * x[at] / images;
            }
        }
    }
    double squares = 0;
    for (const double value : gradient) {
        squares += value * value;
    }
    return std::sqrt(squares);
}

}  // namespace

TEST_CASE("a gradient at a data set is that at its images with mean 0 and variance 1 and their labels") {
    const Folder folder;
    // As declared, and brought to the data set's resolution.
    for (const std::int32_t side : {8, 12}) {
        FlatNetwork network;
        network.fully_connected(network.input(1, side, side), 4);
        const Answer found = folder.answer(network);
        INFO(found.text);
        REQUIRE(found.status == SOTTO_OK);
        FlatNetwork at_resolution;
        at_resolution.fully_connected(at_resolution.input(1, 8, 8), 4);
        const double expected = norm_by_definition(proxy_weights(at_resolution, seed).back());
        CHECK(std::exp(found.metrics.front()) == Approx(expected).epsilon(1e-4));
    }
}

TEST_CASE("a network that a data set does not suit is unsupported with both numbers") {
    const Folder folder;
    const auto text = [&](FlatNetwork& network) {
        const Answer found = folder.answer(network);
        CHECK(found.status == SOTTO_UNSUPPORTED);
        return found.text;
    };
    FlatNetwork colours;
    colours.fully_connected(colours.input(3, 8, 8), 4);
    CHECK(text(colours).find("have 1 channels; the network reads 3") != std::string::npos);
    FlatNetwork few;
    few.fully_connected(few.input(1, 8, 8), 3);
    CHECK(text(few).find("has 4 classes; the network has 3 outputs") != std::string::npos);
    // Eight outputs at its own resolution, two at the data set's.
    FlatNetwork map;
    map.convolution(map.input(1, 16, 16), 2, 8, 8);
    CHECK(text(map).find("has 4 classes; the network has 2 outputs") != std::string::npos);
}

TEST_CASE("a data set of fewer images than a batch is refused with both numbers") {
    const Folder folder;
    std::string problem;
    ProxyLibrary::get().create("snip", {{"images", folder.path().string()}, {"batch", "17"}}, &problem);
    CHECK(problem.find("found 16 images") != std::string::npos);
    CHECK(problem.find("at least the 17") != std::string::npos);
}
