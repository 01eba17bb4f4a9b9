// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace sotto::plugin::isolation {

/// Version of the messages between a program and sotto-plugin-host. Both come from one build; another version, from an
/// installation that is mixed up, is refused at the first message.
inline constexpr std::uint32_t protocol_version = 1;

/// Bounds that both sides check: whole message; one text; entries of a list.
inline constexpr std::uint64_t most_message_bytes = std::uint64_t{64} << 20U;
inline constexpr std::size_t most_text_bytes = std::size_t{64} << 10U;
inline constexpr std::uint32_t most_list_entries = 1U << 20U;

enum class MessageType : std::uint32_t {
    // from the program
    describe = 1,       ///< Opening
    create = 2,         ///< Opening, then kind, id and arguments
    evaluate = 3,       ///< count, then candidates
    per_operation = 4,  ///< one candidate
    cancel = 5,         ///< while a call runs; nothing otherwise
    quit = 6,
    standard_deviations = 7,  ///< one candidate
    // from the host process
    described = 16,  ///< descriptions
    created = 17,    ///< the description
    scores = 18,     ///< count, then scores
    values = 19,     ///< of per_operation and standard_deviations
    refused = 20,    ///< text: the PluginError that answers the request
    log = 21,        ///< level and text, at any time
};

/// What arrived is not what the protocol allows.
class ProtocolError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Builds the body of a message. Numbers are those of this machine: both ends run on it.
class MessageWriter {
  public:
    void clear() { bytes_.clear(); }
    std::span<const std::byte> bytes() const noexcept { return bytes_; }
    std::size_t size() const noexcept { return bytes_.size(); }
    /// Forgets what was written after the first `size` bytes.
    void cut(std::size_t size) { bytes_.resize(size); }

    template <typename Number>
    void number(Number value) {
        static_assert(std::is_arithmetic_v<Number>);
        append(&value, sizeof value);
    }
    /// Puts `value` in place of the number of the same type at `offset`.
    template <typename Number>
    void replace(std::size_t offset, Number value) {
        std::memcpy(bytes_.data() + offset, &value, sizeof value);
    }
    void text(std::string_view value);
    /// A list of plain structs: count, then the elements at a multiple of 8 bytes. Throws ProtocolError where there are
    /// too many.
    template <typename Element>
    void list(const Element* first, std::uint32_t count) {
        static_assert(std::is_trivially_copyable_v<Element> && alignof(Element) <= 8);
        if (count > most_list_entries) {
            throw ProtocolError("found a list of " + std::to_string(count) + ", expected at most " +
                                std::to_string(most_list_entries));
        }
        number(count);
        bytes_.resize((bytes_.size() + 7) / 8 * 8);
        append(first, sizeof(Element) * count);
    }

  private:
    void append(const void* data, std::size_t size);

    std::vector<std::byte> bytes_;
};

/// Reads the body of a message, whose storage must be aligned to 8 bytes and outlive what is read. Every function
/// throws ProtocolError where the body is too short or a bound is broken.
class MessageReader {
  public:
    explicit MessageReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    template <typename Number>
    Number number() {
        static_assert(std::is_arithmetic_v<Number> && !std::is_same_v<Number, bool>);
        Number value{};
        std::memcpy(&value, take(sizeof value), sizeof value);
        return value;
    }
    bool flag() { return within<std::uint8_t>(number<std::uint8_t>(), 1) != 0; }
    /// A number that must not be over `most`.
    std::uint32_t count(std::uint32_t most) { return within(number<std::uint32_t>(), most); }
    std::string text();
    template <typename Element>
    std::span<const Element> list() {
        static_assert(std::is_trivially_copyable_v<Element> && alignof(Element) <= 8);
        const std::uint32_t size = count(most_list_entries);
        take((8 - at_ % 8) % 8);
        return {reinterpret_cast<const Element*>(take(sizeof(Element) * size)), size};
    }
    /// Throws where something is left.
    void require_end() const;

  private:
    const std::byte* take(std::size_t size);
    template <typename Number>
    static Number within(Number value, Number most) {
        if (value > most) {
            throw ProtocolError("found the number " + std::to_string(value) + ", expected at most " +
                                std::to_string(most));
        }
        return value;
    }

    std::span<const std::byte> bytes_;
    std::size_t at_ = 0;
};

}  // namespace sotto::plugin::isolation
