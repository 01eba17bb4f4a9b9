// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/images/idx.hpp"

#include <array>
#include <cstddef>
#include <cstdio>

#include "plugins/accuracy/images/byte_error.hpp"
#include "plugins/accuracy/images/limits.hpp"

namespace sotto::accuracy {
namespace {

constexpr std::uint32_t images_magic = 0x00000803;
constexpr std::uint32_t labels_magic = 0x00000801;
constexpr std::size_t field_bytes = 4;

std::string hexadecimal(std::uint32_t value) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "0x%08x", value);
    return text.data();
}

std::uint32_t field(std::string_view bytes, const std::string& name, std::size_t offset, const char* what) {
    if (bytes.size() < offset + field_bytes) {
        fail_at_byte(name, offset, "file is cut short", std::to_string(bytes.size()) + " bytes",
                     std::string("the ") + what);
    }
    std::uint32_t value = 0;
    for (std::size_t index = 0; index < field_bytes; ++index) {
        value = value << 8U | static_cast<std::uint8_t>(bytes[offset + index]);
    }
    return value;
}

void check_magic(std::string_view bytes, const std::string& name, std::uint32_t expected, const char* what) {
    const std::uint32_t magic = field(bytes, name, 0, "magic number");
    if (magic != expected) {
        fail_at_byte(name, 0, "wrong magic number", hexadecimal(magic),
                     hexadecimal(expected) + " (IDX file of bytes with " + what + ")");
    }
}

std::size_t bounded(std::string_view bytes, const std::string& name, std::size_t offset, const char* what,
                    std::size_t most) {
    const std::uint32_t value = field(bytes, name, offset, what);
    if (value < 1 || value > most) {
        fail_at_byte(name, offset, what, std::to_string(value), "1 to " + std::to_string(most));
    }
    return value;
}

void check_length(std::string_view bytes, const std::string& name, std::size_t header, std::size_t content,
                  const std::string& what) {
    if (bytes.size() < header + content) {
        fail_at_byte(name, bytes.size(), "file is cut short", std::to_string(bytes.size()) + " bytes",
                     std::to_string(header + content) + " for " + what);
    }
    if (bytes.size() > header + content) {
        fail_at_byte(name, header + content, "bytes behind the end",
                     std::to_string(bytes.size() - header - content) + " more than the " + what + " of the header",
                     "the end of the file");
    }
}

std::vector<std::uint8_t> bytes_behind(std::string_view bytes, std::size_t header) {
    return {bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end()};
}

}  // namespace

ImageData parse_idx_images(std::string_view bytes, const std::string& name) {
    check_magic(bytes, name, images_magic, "three dimensions");
    const std::size_t count = bounded(bytes, name, 4, "number of images", most_images);
    const std::size_t height = bounded(bytes, name, 8, "rows of an image", most_image_side);
    const std::size_t width = bounded(bytes, name, 12, "columns of an image", most_image_side);
    if (count > most_pixel_bytes / (height * width)) {
        fail_at_byte(name, 4, "too many pixels",
                     std::to_string(count) + " images of " + std::to_string(height) + " x " + std::to_string(width),
                     "at most " + std::to_string(most_pixel_bytes) + " pixels");
    }
    constexpr std::size_t header = 16;
    check_length(bytes, name, header, count * height * width, std::to_string(count) + " images");
    ImageData data;
    data.channels = 1;
    data.height = static_cast<std::int32_t>(height);
    data.width = static_cast<std::int32_t>(width);
    data.pixels = bytes_behind(bytes, header);
    return data;
}

std::vector<std::uint8_t> parse_idx_labels(std::string_view bytes, const std::string& name) {
    check_magic(bytes, name, labels_magic, "one dimension");
    const std::size_t count = bounded(bytes, name, 4, "number of labels", most_images);
    constexpr std::size_t header = 8;
    check_length(bytes, name, header, count, std::to_string(count) + " labels");
    return bytes_behind(bytes, header);
}

}  // namespace sotto::accuracy
