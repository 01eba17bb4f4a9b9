// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

namespace sotto::accuracy_test {

/// A magic number and sizes as IDX writes them, the highest byte first.
std::string idx_header(std::uint32_t magic, std::initializer_list<std::uint32_t> sizes);
std::string idx_images(int count, int height, int width, const std::function<int(int image, int pixel)>& pixel);
std::string idx_labels(const std::vector<int>& labels);

/// A record of CIFAR-10's binary version, all pixels of one value.
std::string cifar_record(int label, int pixel);

/// A gzip file of one member whose blocks are stored, not compressed (RFC 1952 and RFC 1951, 3.2.4).
std::string gzip_stored(const std::string& content);

}  // namespace sotto::accuracy_test
