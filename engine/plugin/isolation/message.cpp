// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/isolation/message.hpp"

namespace sotto::plugin::isolation {

void MessageWriter::text(std::string_view value) {
    value = value.substr(0, most_text_bytes);
    number(static_cast<std::uint32_t>(value.size()));
    append(value.data(), value.size());
}

void MessageWriter::append(const void* data, std::size_t size) {
    if (size > 0) {
        const std::size_t at = bytes_.size();
        bytes_.resize(at + size);
        std::memcpy(bytes_.data() + at, data, size);
    }
}

std::string MessageReader::text() {
    const std::uint32_t size = count(most_text_bytes);
    return {reinterpret_cast<const char*>(take(size)), size};
}

void MessageReader::require_end() const {
    if (at_ != bytes_.size()) {
        throw ProtocolError("found " + std::to_string(bytes_.size() - at_) + " bytes more than expected");
    }
}

const std::byte* MessageReader::take(std::size_t size) {
    if (size > bytes_.size() - at_) {
        throw ProtocolError("found a message cut short, expected " + std::to_string(size) + " bytes more");
    }
    const std::byte* first = bytes_.data() + at_;
    at_ += size;
    return first;
}

}  // namespace sotto::plugin::isolation
