// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sotto::accuracy {

/// Labelled images as they are stored: one byte a pixel and channel, 0 dark.
struct ImageData {
    std::int32_t channels = 0;  ///< 1 grey, 3 red, green and blue
    std::int32_t height = 0;
    std::int32_t width = 0;
    std::int32_t classes = 0;          ///< labels are 0 to classes - 1
    std::vector<std::uint8_t> pixels;  ///< [images, channels, height, width], the last index running fastest
    std::vector<std::uint8_t> labels;  ///< one an image

    std::size_t count() const noexcept { return labels.size(); }
    std::size_t image_bytes() const noexcept {
        return static_cast<std::size_t>(channels) * static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    }
    std::span<const std::uint8_t> image(std::size_t index) const {
        return {pixels.data() + index * image_bytes(), image_bytes()};
    }
};

enum class ImagePart { training, test };

/// Reads the training or the test part of the data set in `folder`, in the order of its files. Layouts:
///
/// - IDX, as MNIST and Fashion-MNIST are published: train-images-idx3-ubyte, train-labels-idx1-ubyte,
///   t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, each as it is or compressed by gzip with .gz behind its name. As
///   many classes as the largest label of the training part says, at least half of which have an image there.
/// - CIFAR-10's binary version: data_batch_1.bin to data_batch_5.bin and test_batch.bin. 10 classes.
///
/// Throws input::InputError with the file, the place in it in bytes, found and expected: where the folder holds neither
/// layout, or both; where a file is missing, cannot be read, is cut short, goes on behind its end, has another magic
/// number or is no intact gzip file; where images and labels are not of one number, a label is none of the classes or
/// most classes have no image; and for images beyond the limits of limits.hpp. Memory is taken as bytes are read, not
/// as headers promise.
ImageData read_images(const std::string& folder, ImagePart part);

}  // namespace sotto::accuracy
