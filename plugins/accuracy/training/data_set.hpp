// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "plugins/accuracy/images/image_data.hpp"
#include "plugins/accuracy/training/augmentation.hpp"

namespace sotto::accuracy {

struct DataSetSettings {
    std::string folder;
    std::int64_t validation = 5000;    ///< images held out of the training part, 1 or more
    std::int64_t training_images = 0;  ///< of the rest that are trained on; 0: all
    std::uint64_t seed = 1;            ///< of the choice of both
};

/// Images to train, choose and test with. All candidates get the same. Constant; any thread.
class DataSet {
  public:
    /// Takes both parts of a data set apart: with the training part in the order of a random permutation, the first
    /// `validation` images are held out, and those behind them are trained on. Throws CandidateError with
    /// SOTTO_INVALID_ARGUMENT where there are too few, or the parts are of different shapes.
    DataSet(ImageData training, ImageData test, const DataSetSettings& settings);

    const ImageData& images() const noexcept { return training_; }  ///< the whole training part
    const ImageData& test() const noexcept { return test_; }
    std::span<const std::uint32_t> training() const noexcept { return training_numbers_; }
    std::span<const std::uint32_t> validation() const noexcept { return validation_numbers_; }
    /// By the images that are trained on.
    const PixelScale& scale() const noexcept { return *scale_; }
    /// A hash of every image, label and the choice.
    const std::string& fingerprint() const noexcept { return fingerprint_; }

  private:
    ImageData training_;
    ImageData test_;
    std::vector<std::uint32_t> training_numbers_;
    std::vector<std::uint32_t> validation_numbers_;
    std::unique_ptr<PixelScale> scale_;
    std::string fingerprint_;
};

/// The data set of a folder (image_data.hpp). The last one that was asked for stays in memory, and is given again as
/// long as the settings and the names, sizes and times of the folder's files are the same. Throws CandidateError with
/// SOTTO_INVALID_ARGUMENT. Any thread.
std::shared_ptr<const DataSet> open_data_set(const DataSetSettings& settings);

/// A permutation of 0 ... count - 1 (Fisher and Yates).
std::vector<std::uint32_t> draw_permutation(std::uint32_t count, random::Stream stream);

}  // namespace sotto::accuracy
