// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sotto::onnx {

inline constexpr std::size_t maximum_rank = 8;
/// Integer tensors up to this size keep their values: shapes, axes, paddings. Weights have none here.
inline constexpr std::int64_t maximum_kept_elements = 1024;

/// A tensor that the file fixes: its dimensions, and its values where a structure can depend on them.
struct Constant {
    std::vector<std::int64_t> dimensions;
    std::optional<std::vector<std::int64_t>> integers;  ///< of an integer tensor, in row-major order
    std::optional<double> number;                       ///< of a tensor with one element
    bool lies_outside = false;                          ///< its values are in an external file

    std::int64_t elements() const;

    /// What it is, for messages: `[0, 0, 1, 1]`, or the dimensions where the values are unknown.
    std::string text() const;
};

/// Throws InputError that calls the tensor `what` where it is damaged: a negative dimension, too many, a type that is
/// no number, data that does not fill it.
Constant read_constant(const ::onnx::TensorProto& tensor, const std::string& file, const std::string& what);

/// The values of the constant where they are integers, as constants that fold; one number sets both fields.
Constant make_integers(std::vector<std::int64_t> dimensions, std::vector<std::int64_t> values);

/// Of a tensor of these dimensions, whose product is within 64 bits or 0.
std::int64_t element_count(const std::vector<std::int64_t>& dimensions);

bool is_float_type(std::int32_t data_type);

}  // namespace sotto::onnx
