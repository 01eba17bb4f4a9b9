// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/accuracy/images/image_data.hpp"

namespace sotto::accuracy {

/// The images of an IDX file of three dimensions: magic number 0x00000803, then count, rows and columns, each four
/// bytes with the highest first, then the pixels. Labels and classes are left empty. Throws input::InputError under
/// `name` (see read_images). (Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits".)
ImageData parse_idx_images(std::string_view bytes, const std::string& name);

/// The labels of an IDX file of one dimension: magic number 0x00000801, count, labels.
std::vector<std::uint8_t> parse_idx_labels(std::string_view bytes, const std::string& name);

}  // namespace sotto::accuracy
