// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/images/image_data.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string_view>
#include <utility>

#include "engine/input/csv.hpp"
#include "engine/input/input_error.hpp"
#include "plugins/accuracy/images/byte_error.hpp"
#include "plugins/accuracy/images/cifar10.hpp"
#include "plugins/accuracy/images/gzip.hpp"
#include "plugins/accuracy/images/idx.hpp"
#include "plugins/accuracy/images/limits.hpp"

namespace sotto::accuracy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view training_images = "train-images-idx3-ubyte";
constexpr std::string_view training_labels = "train-labels-idx1-ubyte";
constexpr std::string_view test_images = "t10k-images-idx3-ubyte";
constexpr std::string_view test_labels = "t10k-labels-idx1-ubyte";
constexpr std::array<std::string_view, 4> idx_files{training_images, training_labels, test_images, test_labels};
constexpr std::array<std::string_view, 6> cifar_files{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                                      "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};
constexpr std::size_t idx_label_header = 8;
// Room for a header beside the pixels.
constexpr std::size_t most_file_bytes = most_pixel_bytes + 1024;

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

/// The file of an IDX data set, without its compression, and the name it was found under.
std::pair<std::string, std::string> read_idx_file(const fs::path& folder, std::string_view name) {
    const std::string plain = (folder / name).string();
    const std::string compressed = plain + ".gz";
    if (is_there(plain) && is_there(compressed)) {
        throw input::InputError({{plain, 0, 0}, "file is there twice", "it and " + compressed, "one of them", {}});
    }
    if (!is_there(compressed)) {
        return {input::read_text_file(plain, most_file_bytes, "a file of the data set, as it is or with .gz"), plain};
    }
    return {decompress_gzip(input::read_text_file(compressed, most_file_bytes, "a file of the data set"), compressed,
                            most_file_bytes),
            compressed};
}

/// A single stray label would make a class of every number below it. Data sets whose labels begin at 1 are sound.
void require_most_classes(const ImageData& data, const std::string& label_name) {
    const std::set<std::uint8_t> used(data.labels.begin(), data.labels.end());
    if (2 * used.size() < static_cast<std::size_t>(data.classes)) {
        const auto place = std::find(data.labels.begin(), data.labels.end(), *used.rbegin());
        fail_at_byte(label_name, idx_label_header + static_cast<std::size_t>(place - data.labels.begin()),
                     "label leaves most classes without an image", std::to_string(*place),
                     "labels from 0 on: the " + std::to_string(used.size()) + " different ones stand for " +
                         std::to_string(data.classes) + " classes");
    }
}

ImageData read_idx(const fs::path& folder, ImagePart part) {
    const bool training = part == ImagePart::training;
    const auto [image_bytes, image_name] = read_idx_file(folder, training ? training_images : test_images);
    ImageData data = parse_idx_images(image_bytes, image_name);
    const auto [label_bytes, label_name] = read_idx_file(folder, training ? training_labels : test_labels);
    data.labels = parse_idx_labels(label_bytes, label_name);
    const std::size_t images = data.pixels.size() / data.image_bytes();
    if (data.labels.size() != images) {
        fail_at_byte(label_name, 4, "number of labels", std::to_string(data.labels.size()),
                     std::to_string(images) + ", as there are images in " + image_name);
    }
    const auto largest = [](const std::vector<std::uint8_t>& labels) {
        return std::int32_t{*std::max_element(labels.begin(), labels.end())};
    };
    if (training) {
        data.classes = largest(data.labels) + 1;
        require_most_classes(data, label_name);
        return data;
    }
    const auto [known_bytes, known_name] = read_idx_file(folder, training_labels);
    data.classes = largest(parse_idx_labels(known_bytes, known_name)) + 1;
    const auto beyond =
        std::find_if(data.labels.begin(), data.labels.end(), [&](std::uint8_t label) { return label >= data.classes; });
    if (beyond != data.labels.end()) {
        fail_at_byte(label_name, idx_label_header + static_cast<std::size_t>(beyond - data.labels.begin()),
                     "label is out of range", std::to_string(*beyond),
                     "0 to " + std::to_string(data.classes - 1) + ", as in " + known_name);
    }
    return data;
}

ImageData read_cifar10(const fs::path& folder, ImagePart part) {
    ImageData data;
    const std::size_t first = part == ImagePart::training ? 0 : cifar_files.size() - 1;
    const std::size_t last = part == ImagePart::training ? cifar_files.size() - 1 : cifar_files.size();
    for (std::size_t index = first; index < last; ++index) {
        const std::string name = (folder / cifar_files[index]).string();
        append_cifar10(input::read_text_file(name, most_file_bytes, "a file of CIFAR-10's binary version"), name, data);
        if (data.pixels.size() > most_pixel_bytes) {
            throw input::InputError({{name, 0, 0},
                                     "too many pixels",
                                     std::to_string(data.pixels.size()),
                                     "at most " + std::to_string(most_pixel_bytes),
                                     {}});
        }
    }
    return data;
}

}  // namespace

ImageData read_images(const std::string& folder, ImagePart part) {
    const fs::path path = folder;
    std::error_code problem;
    if (!fs::is_directory(path, problem)) {
        throw input::InputError(
            {{folder, 0, 0}, "not a folder", is_there(path) ? "a file" : "nothing", "a folder with a data set", {}});
    }
    const bool idx = std::any_of(idx_files.begin(), idx_files.end(), [&](std::string_view name) {
        return is_there(path / name) || is_there(path / (std::string(name) + ".gz"));
    });
    const bool cifar = std::any_of(cifar_files.begin(), cifar_files.end(),
                                   [&](std::string_view name) { return is_there(path / name); });
    if (idx == cifar) {
        throw input::InputError({{folder, 0, 0},
                                 idx ? "two data sets in one folder" : "no data set in the folder",
                                 idx ? "files of IDX and of CIFAR-10" : "",
                                 "either train-images-idx3-ubyte[.gz] and its three companions, or data_batch_1.bin to "
                                 "data_batch_5.bin and test_batch.bin",
                                 {}});
    }
    return idx ? read_idx(path, part) : read_cifar10(path, part);
}

}  // namespace sotto::accuracy
