// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/training/data_set.hpp"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <numeric>
#include <utility>

#include "engine/input/input_error.hpp"
#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/training/content_hash.hpp"

namespace sotto::accuracy {
namespace {

[[noreturn]] void refuse(const std::string& text) {
    throw CandidateError(SOTTO_INVALID_ARGUMENT, text);
}

std::string shape_text(const ImageData& data) {
    return std::to_string(data.channels) + " x " + std::to_string(data.height) + " x " + std::to_string(data.width);
}

/// What tells whether a folder's files are still those that were read.
std::string describe_files(const std::string& folder) {
    std::vector<std::string> lines;
    std::error_code error;
    std::error_code ignored;
    for (std::filesystem::directory_iterator at(folder, error); at != std::filesystem::directory_iterator();
         at.increment(error)) {
        const std::filesystem::directory_entry& entry = *at;
        const auto time = entry.last_write_time(ignored).time_since_epoch().count();
        const std::uintmax_t size = entry.is_regular_file(ignored) ? entry.file_size(ignored) : 0;
        lines.push_back(entry.path().filename().string() + ' ' + std::to_string(size) + ' ' + std::to_string(time));
    }
    std::sort(lines.begin(), lines.end());
    if (error) {
        lines.push_back(error.message());
    }
    return std::accumulate(lines.begin(), lines.end(), std::string());
}

}  // namespace

std::vector<std::uint32_t> draw_permutation(std::uint32_t count, random::Stream stream) {
    std::vector<std::uint32_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 0U);
    random::shuffle(numbers, stream);
    return numbers;
}

DataSet::DataSet(ImageData training, ImageData test, const DataSetSettings& settings)
    : training_(std::move(training)), test_(std::move(test)) {
    if (shape_text(training_) != shape_text(test_)) {
        refuse("'" + settings.folder + "': training images are " + shape_text(training_) + ", test images " +
               shape_text(test_));
    }
    const auto images = static_cast<std::int64_t>(training_.count());
    if (settings.validation >= images || settings.training_images > images - settings.validation) {
        refuse("'" + settings.folder + "' has " + std::to_string(images) + " training images: too few for validation " +
               std::to_string(settings.validation) + " and training_images " +
               std::to_string(settings.training_images) +
               " (0: the rest); expected one or more that validation leaves");
    }
    const std::vector<std::uint32_t> order = draw_permutation(
        static_cast<std::uint32_t>(images), random::Stream(settings.seed, 0, 0, random::Purpose::validation_part));
    const auto split = order.begin() + settings.validation;
    validation_numbers_.assign(order.begin(), split);
    training_numbers_.assign(split, settings.training_images > 0 ? split + settings.training_images : order.end());
    scale_ = std::make_unique<PixelScale>(training_, training_numbers_);

    ContentHash hash;
    for (const ImageData* part : {&training_, &test_}) {
        hash.add(shape_text(*part) + ' ' + std::to_string(part->classes));
        hash.add(part->pixels.data(), part->pixels.size());
        hash.add(part->labels.data(), part->labels.size());
    }
    hash.add(validation_numbers_.data(), validation_numbers_.size() * sizeof(std::uint32_t));
    hash.add(training_numbers_.data(), training_numbers_.size() * sizeof(std::uint32_t));
    fingerprint_ = hash.text();
}

std::shared_ptr<const DataSet> open_data_set(const DataSetSettings& settings) {
    static std::mutex mutex;
    static std::string last_key;
    static std::shared_ptr<const DataSet> last;

    const std::string key = settings.folder + '\n' + std::to_string(settings.validation) + ' ' +
                            std::to_string(settings.training_images) + ' ' + std::to_string(settings.seed) + '\n' +
                            describe_files(settings.folder);
    const std::scoped_lock lock(mutex);
    if (last != nullptr && key == last_key) {
        return last;
    }
    try {
        last = std::make_shared<const DataSet>(read_images(settings.folder, ImagePart::training),
                                               read_images(settings.folder, ImagePart::test), settings);
    } catch (const input::InputError& error) {
        refuse(error.what());
    }
    last_key = key;
    return last;
}

}  // namespace sotto::accuracy
