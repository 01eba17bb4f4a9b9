// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "plugins/accuracy/images/image_data.hpp"

namespace sotto::accuracy {

/// Appends the images and labels of one file of CIFAR-10's binary version to `data`: records of a label and 32 x 32
/// pixels, all red ones first, then green, then blue. Throws input::InputError under `name` (see read_images).
/// (A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009.)
void append_cifar10(std::string_view bytes, const std::string& name, ImageData& data);

}  // namespace sotto::accuracy
