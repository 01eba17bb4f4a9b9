// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/input/input_error.hpp"
#include "plugins/accuracy/images/gzip.hpp"
#include "plugins/accuracy/images/image_data.hpp"
#include "tests/engine/run/scratch_directory.hpp"
#include "tests/plugins/accuracy/image_files.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::accuracy;
using namespace sotto::accuracy_test;
using sotto::matchers::contains_text;
using sotto::run::test::put;
using sotto::run::test::ScratchDirectory;

namespace {

/// Four training and two test images of 2 x 3, three classes; pixel i of image n is 10 n + i.
struct SmallIdx {
    std::string training_images = idx_images(4, 2, 3, [](int image, int pixel) { return 10 * image + pixel; });
    std::string training_labels = idx_labels({0, 2, 1, 2});
    std::string test_images = idx_images(2, 2, 3, [](int image, int pixel) { return 100 + 10 * image + pixel; });
    std::string test_labels = idx_labels({1, 0});

    void write(const std::filesystem::path& folder) const {
        put(folder / "train-images-idx3-ubyte", training_images);
        put(folder / "train-labels-idx1-ubyte", training_labels);
        put(folder / "t10k-images-idx3-ubyte", test_images);
        put(folder / "t10k-labels-idx1-ubyte", test_labels);
    }
};

std::string error_of(const std::filesystem::path& folder, ImagePart part = ImagePart::training) {
    try {
        read_images(folder.string(), part);
    } catch (const input::InputError& error) {
        return error.what();
    }
    return "no error";
}

std::string gzip_error(const std::string& bytes, std::size_t most = 1000) {
    try {
        decompress_gzip(bytes, "x.gz", most);
    } catch (const input::InputError& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("an IDX data set is read as it was written") {
    const ScratchDirectory folder;
    SmallIdx().write(folder.path());
    const ImageData training = read_images(folder.path().string(), ImagePart::training);
    CHECK(training.channels == 1);
    CHECK(training.height == 2);
    CHECK(training.width == 3);
    CHECK(training.classes == 3);
    CHECK(training.labels == std::vector<std::uint8_t>{0, 2, 1, 2});
    REQUIRE(training.pixels.size() == 24);
    CHECK(training.image(3)[5] == 35);
    const ImageData test = read_images(folder.path().string(), ImagePart::test);
    CHECK(test.count() == 2);
    CHECK(test.classes == 3);
    CHECK(test.image(1)[0] == 110);
}

TEST_CASE("files compressed by gzip hold the same data set") {
    const ScratchDirectory plain;
    const ScratchDirectory compressed;
    const SmallIdx files;
    files.write(plain.path());
    put(compressed.path() / "train-images-idx3-ubyte.gz", gzip_stored(files.training_images));
    put(compressed.path() / "train-labels-idx1-ubyte.gz",
        gzip_stored(files.training_labels.substr(0, 5)) + gzip_stored(files.training_labels.substr(5)));
    CHECK(read_images(compressed.path().string(), ImagePart::training).pixels ==
          read_images(plain.path().string(), ImagePart::training).pixels);
    CHECK(read_images(compressed.path().string(), ImagePart::training).labels ==
          read_images(plain.path().string(), ImagePart::training).labels);

    files.write(compressed.path());
    CHECK_THAT(error_of(compressed.path()), contains_text("file is there twice"));
}

TEST_CASE("CIFAR-10's binary files are read in their order") {
    const ScratchDirectory folder;
    for (int file = 1; file <= 5; ++file) {
        put(folder.path() / ("data_batch_" + std::to_string(file) + ".bin"),
            cifar_record(file, file) + cifar_record(file + 1, 10 + file));
    }
    put(folder.path() / "test_batch.bin", cifar_record(9, 77));
    const ImageData training = read_images(folder.path().string(), ImagePart::training);
    CHECK(training.channels == 3);
    CHECK(training.height == 32);
    CHECK(training.width == 32);
    CHECK(training.classes == 10);
    CHECK(training.labels == std::vector<std::uint8_t>{1, 2, 2, 3, 3, 4, 4, 5, 5, 6});
    CHECK(training.image(4)[0] == 3);
    CHECK(training.image(9)[3071] == 15);
    const ImageData test = read_images(folder.path().string(), ImagePart::test);
    CHECK(test.labels == std::vector<std::uint8_t>{9});
    CHECK(test.image(0)[1500] == 77);

    put(folder.path() / "data_batch_3.bin", cifar_record(10, 0));
    CHECK_THAT(error_of(folder.path()),
               contains_text("data_batch_3.bin: byte 0: label of record 0 is out of range: found 10, expected 0 to 9"));
    put(folder.path() / "data_batch_3.bin", cifar_record(1, 0) + "xyz");
    CHECK_THAT(error_of(folder.path()), contains_text("byte 3073: record is cut short: found 3 bytes"));
    std::filesystem::remove(folder.path() / "data_batch_3.bin");
    CHECK_THAT(error_of(folder.path()), contains_text("data_batch_3.bin: cannot be read"));
}

TEST_CASE("a folder without a data set or with two is refused") {
    const ScratchDirectory folder;
    CHECK_THAT(error_of(folder.path() / "missing"), contains_text("not a folder: found nothing"));
    CHECK_THAT(error_of(folder.path()), contains_text("no data set in the folder"));
    SmallIdx().write(folder.path());
    put(folder.path() / "test_batch.bin", cifar_record(0, 0));
    CHECK_THAT(error_of(folder.path()), contains_text("two data sets in one folder"));
    std::filesystem::remove(folder.path() / "test_batch.bin");
    std::filesystem::remove(folder.path() / "train-labels-idx1-ubyte");
    CHECK_THAT(error_of(folder.path()), contains_text("train-labels-idx1-ubyte: cannot be read"));
}

TEST_CASE("what is wrong in an IDX file is answered with its place") {
    const ScratchDirectory folder;
    const SmallIdx good;
    const auto error = [&](auto change, ImagePart part = ImagePart::training) {
        SmallIdx files;
        change(files);
        files.write(folder.path());
        return error_of(folder.path(), part);
    };
    CHECK_THAT(
        error([](SmallIdx& files) { files.training_images[2] = 9; }),
        contains_text("train-images-idx3-ubyte: byte 0: wrong magic number: found 0x00000903, expected 0x00000803"));
    CHECK_THAT(error([](SmallIdx& files) { std::swap(files.training_images, files.training_labels); }),
               contains_text("found 0x00000801"));
    CHECK_THAT(error([](SmallIdx& files) { files.training_images.resize(7); }),
               contains_text("byte 4: file is cut short: found 7 bytes"));
    CHECK_THAT(error([](SmallIdx& files) { files.training_images.pop_back(); }),
               contains_text("byte 39: file is cut short: found 39 bytes, expected 40 for 4 images"));
    CHECK_THAT(error([](SmallIdx& files) { files.training_images += "ab"; }),
               contains_text("byte 40: bytes behind the end: found 2 more"));
    CHECK_THAT(error([](SmallIdx& files) { files.training_images[7] = 0; }),
               contains_text("byte 4: number of images: found 0"));
    CHECK_THAT(error([](SmallIdx& files) { files.training_images[8] = '\x7f'; }),
               contains_text("byte 8: rows of an image"));
    // 2^24 images of 1024 x 1024 are promised: 16 TiB.
    CHECK_THAT(error([](SmallIdx& files) {
                   files.training_images = idx_header(0x803, {1U << 24U, 1024, 1024}) + std::string(100, 'x');
               }),
               contains_text("too many pixels"));
    CHECK_THAT(error([](SmallIdx& files) {
                   files.training_labels = idx_labels({0, 1, 2});
               }),
               contains_text("number of labels: found 3, expected 4, as there are images in"));
    CHECK_THAT(error(
                   [](SmallIdx& files) {
                       files.test_labels = idx_labels({1, 3});
                   },
                   ImagePart::test),
               contains_text("t10k-labels-idx1-ubyte: byte 9: label is out of range: found 3, expected 0 to 2"));
    CHECK_THAT(error([](SmallIdx& files) {
                   files.training_labels = idx_labels({0, 1, 255, 1});
               }),
               contains_text("train-labels-idx1-ubyte: byte 10: label leaves most classes without an image: found 255, "
                             "expected labels from 0 on: the 3 different ones stand for 256 classes"));
    CHECK(error([](SmallIdx& files) { files.training_labels = idx_labels({1, 2, 3, 3}); }) == "no error");
    CHECK(error([](SmallIdx&) {}) == "no error");
}

TEST_CASE("a damaged gzip file is answered with its place") {
    const std::string content(300, 'a');
    const std::string good = gzip_stored(content);
    CHECK(decompress_gzip(good, "x.gz", 300) == content);
    CHECK_THAT(gzip_error(good, 299), contains_text("holds too much: found more than 299 bytes"));
    for (std::size_t length = 0; length < good.size(); ++length) {
        INFO(length);
        CHECK_THAT(gzip_error(good.substr(0, length)), contains_text("cut short"));
    }
    for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{11}, std::size_t{20},
                                 good.size() - 8, good.size() - 1}) {
        std::string damaged = good;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
        INFO(at);
        CHECK_THAT(gzip_error(damaged), contains_text("not an intact gzip file"));
    }
    CHECK_THAT(gzip_error(good + "tail"), contains_text("not an intact gzip file"));
}

TEST_CASE("Debian's Fashion-MNIST is the published one") {
    const std::string folder = "/usr/share/datasets/fashion-mnist";
    if (!std::filesystem::is_directory(folder)) {
        SOTTO_SKIP("the package dataset-fashion-mnist is not installed");
    }
    for (const ImagePart part : {ImagePart::training, ImagePart::test}) {
        const ImageData data = read_images(folder, part);
        const int of_class = part == ImagePart::training ? 6000 : 1000;
        CHECK(data.height == 28);
        CHECK(data.width == 28);
        CHECK(data.classes == 10);
        REQUIRE(data.count() == static_cast<std::size_t>(10 * of_class));
        std::array<int, 10> counts{};
        for (const std::uint8_t label : data.labels) {
            ++counts.at(label);
        }
        for (const int count : counts) {
            CHECK(count == of_class);
        }
        if (part == ImagePart::training) {
            // The mean and deviation that trainings on it commonly normalise with.
            double sum = 0;
            double squares = 0;
            for (const std::uint8_t pixel : data.pixels) {
                sum += pixel / 255.0;
                squares += pixel / 255.0 * (pixel / 255.0);
            }
            const double mean = sum / static_cast<double>(data.pixels.size());
            CHECK(mean == Approx(0.2860).margin(0.0001));
            CHECK(std::sqrt(squares / static_cast<double>(data.pixels.size()) - mean * mean) ==
                  Approx(0.3530).margin(0.0001));
        }
    }
}
