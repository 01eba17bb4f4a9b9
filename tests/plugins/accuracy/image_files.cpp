// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/accuracy/image_files.hpp"

#include <algorithm>

namespace sotto::accuracy_test {
namespace {

void append_low_first(std::string& bytes, std::uint32_t value, int count) {
    for (int index = 0; index < count; ++index) {
        bytes += static_cast<char>(value >> (8 * index) & 0xFFU);
    }
}

/// The checksum of RFC 1952, section 8, bit by bit.
std::uint32_t crc32(const std::string& content) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char byte : content) {
        crc ^= static_cast<std::uint8_t>(byte);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 1U) != 0 ? crc >> 1U ^ 0xEDB88320U : crc >> 1U;
        }
    }
    return ~crc;
}

}  // namespace

std::string idx_header(std::uint32_t magic, std::initializer_list<std::uint32_t> sizes) {
    std::string bytes;
    const auto append = [&](std::uint32_t value) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes += static_cast<char>(value >> shift & 0xFFU);
        }
    };
    append(magic);
    for (const std::uint32_t size : sizes) {
        append(size);
    }
    return bytes;
}

std::string idx_images(int count, int height, int width, const std::function<int(int image, int pixel)>& pixel) {
    std::string bytes = idx_header(0x803, {static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(height),
                                           static_cast<std::uint32_t>(width)});
    for (int image = 0; image < count; ++image) {
        for (int index = 0; index < height * width; ++index) {
            bytes += static_cast<char>(pixel(image, index));
        }
    }
    return bytes;
}

std::string idx_labels(const std::vector<int>& labels) {
    std::string bytes = idx_header(0x801, {static_cast<std::uint32_t>(labels.size())});
    for (const int label : labels) {
        bytes += static_cast<char>(label);
    }
    return bytes;
}

std::string cifar_record(int label, int pixel) {
    return static_cast<char>(label) + std::string(3072, static_cast<char>(pixel));
}

std::string gzip_stored(const std::string& content) {
    constexpr std::size_t most_in_block = 65535;
    std::string bytes("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    std::size_t at = 0;
    do {
        const std::size_t size = std::min(most_in_block, content.size() - at);
        bytes += at + size == content.size() ? '\1' : '\0';
        append_low_first(bytes, static_cast<std::uint32_t>(size), 2);
        append_low_first(bytes, ~static_cast<std::uint32_t>(size), 2);
        bytes += content.substr(at, size);
        at += size;
    } while (at < content.size());
    append_low_first(bytes, crc32(content), 4);
    append_low_first(bytes, static_cast<std::uint32_t>(content.size()), 4);
    return bytes;
}

}  // namespace sotto::accuracy_test
