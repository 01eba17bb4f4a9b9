// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/images/cifar10.hpp"

#include <cstddef>
#include <cstdint>

#include "plugins/accuracy/images/byte_error.hpp"

namespace sotto::accuracy {
namespace {

constexpr std::int32_t channels = 3;
constexpr std::int32_t side = 32;
constexpr std::int32_t classes = 10;
constexpr std::size_t pixel_bytes = std::size_t{channels} * side * side;
constexpr std::size_t record_bytes = 1 + pixel_bytes;

}  // namespace

void append_cifar10(std::string_view bytes, const std::string& name, ImageData& data) {
    if (bytes.empty() || bytes.size() % record_bytes != 0) {
        const std::size_t whole = bytes.size() / record_bytes;
        fail_at_byte(
            name, whole * record_bytes, "record is cut short",
            std::to_string(bytes.size() - whole * record_bytes) + " bytes behind " + std::to_string(whole) + " records",
            "records of " + std::to_string(record_bytes) + " bytes");
    }
    data.channels = channels;
    data.height = side;
    data.width = side;
    data.classes = classes;
    for (std::size_t offset = 0; offset < bytes.size(); offset += record_bytes) {
        const auto label = static_cast<std::uint8_t>(bytes[offset]);
        if (label >= classes) {
            fail_at_byte(name, offset, "label of record " + std::to_string(offset / record_bytes) + " is out of range",
                         std::to_string(label), "0 to " + std::to_string(classes - 1));
        }
        data.labels.push_back(label);
        const std::string_view pixels = bytes.substr(offset + 1, pixel_bytes);
        data.pixels.insert(data.pixels.end(), pixels.begin(), pixels.end());
    }
}

}  // namespace sotto::accuracy
