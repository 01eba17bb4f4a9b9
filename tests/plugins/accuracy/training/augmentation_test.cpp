// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/training/augmentation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::accuracy;

namespace {

ImageData random_images(std::int32_t channels, std::int32_t height, std::int32_t width, std::size_t count) {
    std::mt19937 engine(5);
    ImageData data;
    data.channels = channels;
    data.height = height;
    data.width = width;
    data.classes = 2;
    data.labels.assign(count, 0);
    for (std::size_t index = 0; index < count * data.image_bytes(); ++index) {
        data.pixels.push_back(static_cast<std::uint8_t>(engine() % 200 + 1));
    }
    return data;
}

std::vector<std::uint32_t> all_of(const ImageData& data) {
    std::vector<std::uint32_t> numbers(data.count());
    std::iota(numbers.begin(), numbers.end(), 0U);
    return numbers;
}

std::vector<float> written(const ImageData& data, std::size_t image, const Displacement& displacement,
                           const PixelScale& scale) {
    std::vector<float> values(data.image_bytes());
    write_image(data, image, displacement, scale, values.data());
    return values;
}

}  // namespace

TEST_CASE("scaled pixels of a channel have mean 0 and deviation 1") {
    const ImageData data = random_images(3, 6, 5, 40);
    const PixelScale scale(data, all_of(data));
    for (std::size_t channel = 0; channel < 3; ++channel) {
        double sum = 0;
        double squares = 0;
        for (std::size_t image = 0; image < data.count(); ++image) {
            const std::vector<float> values = written(data, image, {}, scale);
            for (std::size_t at = channel; at < values.size(); at += 3) {
                sum += values[at];
                squares += double{values[at]} * values[at];
            }
        }
        const double count = 40.0 * 6 * 5;
        CHECK(sum / count == Approx(0).margin(1e-6));
        CHECK(squares / count == Approx(1).epsilon(1e-6));
    }
}

TEST_CASE("pixel scales are those of the chosen images alone") {
    ImageData data = random_images(1, 2, 2, 3);
    data.pixels = {0, 0, 255, 255, 7, 7, 7, 7, 9, 9, 9, 9};
    const std::vector<std::uint32_t> chosen{0};
    const PixelScale scale(data, chosen);
    CHECK(scale.mean(0) == Approx(0.5));
    CHECK(scale.deviation(0) == Approx(0.5));
    CHECK(scale(0, 255) == Approx(1));
    const std::vector<std::uint32_t> even{1};
    CHECK(PixelScale(data, even)(0, 7) == 0);
    CHECK(std::isfinite(PixelScale(data, even)(0, 255)));
}

TEST_CASE("an image that is not displaced has its channels together and its pixels in place") {
    const ImageData data = random_images(3, 4, 5, 2);
    const PixelScale scale(data, all_of(data));
    const std::vector<float> values = written(data, 1, {}, scale);
    for (std::size_t row = 0; row < 4; ++row) {
        for (std::size_t column = 0; column < 5; ++column) {
            for (std::size_t channel = 0; channel < 3; ++channel) {
                const double pixel = data.pixels[((1 * 3 + channel) * 4 + row) * 5 + column];
                const auto plane = static_cast<std::int32_t>(channel);
                CHECK(values[(row * 5 + column) * 3 + channel] ==
                      Approx((pixel / 255 - scale.mean(plane)) / scale.deviation(plane)).epsilon(1e-5));
            }
        }
    }
}

TEST_CASE("shifts move every pixel and let black in") {
    const ImageData data = random_images(1, 5, 6, 1);
    const PixelScale scale(data, all_of(data));
    const std::vector<float> still = written(data, 0, {}, scale);
    const std::vector<float> moved = written(data, 0, {2, -1, false}, scale);
    for (int row = 0; row < 5; ++row) {
        for (int column = 0; column < 6; ++column) {
            const float found = moved[static_cast<std::size_t>(row * 6 + column)];
            if (row < 2 || column == 5) {
                CHECK(found == scale(0, 0));
            } else {
                CHECK(found == still[static_cast<std::size_t>((row - 2) * 6 + column + 1)]);
            }
        }
    }
    const std::vector<float> away = written(data, 0, {0, 6, false}, scale);
    CHECK(away == std::vector<float>(30, scale(0, 0)));
}

TEST_CASE("a flipped image is its mirror image moved the same way") {
    const ImageData data = random_images(1, 3, 4, 1);
    ImageData mirrored = data;
    for (std::size_t row = 0; row < 3; ++row) {
        std::reverse(mirrored.pixels.begin() + static_cast<std::ptrdiff_t>(4 * row),
                     mirrored.pixels.begin() + static_cast<std::ptrdiff_t>(4 * row + 4));
    }
    const PixelScale scale(data, all_of(data));
    for (const int down : {-1, 0, 2}) {
        for (const int right : {-2, 0, 1}) {
            CHECK(written(data, 0, {down, right, true}, scale) == written(mirrored, 0, {down, right, false}, scale));
        }
    }
}

TEST_CASE("displacements are drawn evenly from what is allowed") {
    random::Stream stream(1, 0, 0, random::Purpose::test);
    std::map<std::pair<int, int>, int> counts;
    int flips = 0;
    constexpr int draws = 50000;
    for (int draw = 0; draw < draws; ++draw) {
        const Displacement displacement = draw_displacement({2, true}, stream);
        ++counts[{displacement.down, displacement.right}];
        flips += displacement.flipped ? 1 : 0;
    }
    CHECK(counts.size() == 25);
    for (const auto& [place, count] : counts) {
        CHECK(std::abs(place.first) <= 2);
        CHECK(std::abs(place.second) <= 2);
        CHECK(std::abs(count - draws / 25) < 6 * std::sqrt(draws / 25.0));
    }
    CHECK(std::abs(flips - draws / 2) < 6 * std::sqrt(draws / 4.0));
    const Displacement none = draw_displacement({0, false}, stream);
    CHECK((none.down == 0 && none.right == 0 && !none.flipped));
}
