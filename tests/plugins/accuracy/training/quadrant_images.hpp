// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "plugins/accuracy/images/image_data.hpp"
#include "plugins/accuracy/training/data_set.hpp"

namespace sotto::accuracy_test {

/// Grey images of 8 x 8 in which one quadrant is brighter than the noise of all: its number is the class, of four.
/// Image i has class i % 4; the noise is a function of `seed`.
accuracy::ImageData quadrant_images(std::size_t count, std::uint64_t seed);

/// The same as the files of an IDX data set.
void write_quadrant_images(const std::filesystem::path& folder, std::size_t training, std::size_t test);

/// `training` images to train on, and 40 each to validate and to test with.
accuracy::DataSet quadrant_data(std::size_t training);

}  // namespace sotto::accuracy_test
