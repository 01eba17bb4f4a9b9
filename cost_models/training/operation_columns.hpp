// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sotto/plugin.h"

namespace sotto::training {

/// Names of operations in tables, in the order of their numbers (SOTTO_OPERATION_): conv, relu, maxpool, avgpool, bn,
/// trunc, fc, mul, argmax.
std::span<const std::string_view> operation_names();

/// Nothing for an unknown name.
std::optional<std::int32_t> operation_kind(std::string_view name);

/// `kind` must be one of SOTTO_OPERATION_.
std::string_view operation_name(std::int32_t kind);

/// The kind whose measured times stand for those of `kind`: itself, or nothing for a kind that nobody has measured
/// (argmax) and for a number that is none. An elementwise product (mul) was not measured; a batch normalisation of the
/// same size is the same ciphertext-plaintext product on one cross term.
std::optional<std::int32_t> priced_as(std::int32_t kind) noexcept;

/// A size of an operation as a column of a table.
struct SizeColumn {
    enum class Part : std::uint8_t { image, channels, window };

    std::string_view name;
    Part part;
    std::int32_t least;
    std::int32_t most;
};

inline constexpr std::int32_t most_extent = 65536;
inline constexpr std::int32_t most_channels = 1 << 24;
inline constexpr std::int64_t most_elements = std::int64_t{1} << 40;
inline constexpr std::array<SizeColumn, 14> size_columns = {{{"in_h", SizeColumn::Part::image, 1, most_extent},
                                                             {"in_w", SizeColumn::Part::image, 1, most_extent},
                                                             {"in_c", SizeColumn::Part::channels, 1, most_channels},
                                                             {"out_h", SizeColumn::Part::image, 1, most_extent},
                                                             {"out_w", SizeColumn::Part::image, 1, most_extent},
                                                             {"out_c", SizeColumn::Part::channels, 1, most_channels},
                                                             {"k_h", SizeColumn::Part::window, 1, most_extent},
                                                             {"k_w", SizeColumn::Part::window, 1, most_extent},
                                                             {"stride_h", SizeColumn::Part::window, 1, most_extent},
                                                             {"stride_w", SizeColumn::Part::window, 1, most_extent},
                                                             {"pad_top", SizeColumn::Part::window, 0, most_extent},
                                                             {"pad_bottom", SizeColumn::Part::window, 0, most_extent},
                                                             {"pad_left", SizeColumn::Part::window, 0, most_extent},
                                                             {"pad_right", SizeColumn::Part::window, 0, most_extent}}};

/// The member that holds the size of size_columns[index].
std::int32_t& size_of(sotto_operation& operation, std::size_t index);
std::int32_t size_of(const sotto_operation& operation, std::size_t index);

/// Whether operations of a kind have such a size: convolutions and pools all, batch normalisations and elementwise
/// products their shapes, fully connected layers and argmax their channels, the others none.
bool has_size(std::int32_t kind, SizeColumn::Part part);

/// Whether this one has it: a table may give an elementwise product its number of elements alone.
bool has_size(const sotto_operation& operation, SizeColumn::Part part);

/// The heights and widths of 1 of an operation that has channels alone.
void complete_vector(sotto_operation& operation);

/// A size that does not follow from the others.
struct WrongSize {
    std::string_view column;
    std::string expected;
};

/// Checks an operation whose sizes are within their ranges: output = floor((input + pads - kernel) / stride) + 1,
/// channels where the operation cannot change them, elements = those of the output.
std::optional<WrongSize> wrong_size(const sotto_operation& operation);

/// Whether two operations are equal in every member but `layer`.
bool is_same(const sotto_operation& first, const sotto_operation& second);

}  // namespace sotto::training
