// SPDX-License-Identifier: Apache-2.0
#include "engine/onnx/constant.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "engine/input/input_error.hpp"
#include "engine/onnx/node.hpp"

namespace sotto::onnx {
namespace {

using ::onnx::TensorProto;

// Bytes of an element in raw data; 0 for a type without one size.
std::size_t element_bytes(std::int32_t data_type) {
    switch (data_type) {
        case TensorProto::BOOL:
        case TensorProto::INT8:
        case TensorProto::UINT8:
            return 1;
        case TensorProto::FLOAT16:
        case TensorProto::BFLOAT16:
        case TensorProto::INT16:
        case TensorProto::UINT16:
            return 2;
        case TensorProto::FLOAT:
        case TensorProto::INT32:
        case TensorProto::UINT32:
            return 4;
        case TensorProto::DOUBLE:
        case TensorProto::INT64:
        case TensorProto::UINT64:
            return 8;
        default:
            return 0;
    }
}

// Elements in the list that holds this type where there is no raw data.
std::size_t listed_elements(const TensorProto& tensor) {
    switch (tensor.data_type()) {
        case TensorProto::FLOAT:
            return static_cast<std::size_t>(tensor.float_data_size());
        case TensorProto::DOUBLE:
            return static_cast<std::size_t>(tensor.double_data_size());
        case TensorProto::INT64:
            return static_cast<std::size_t>(tensor.int64_data_size());
        case TensorProto::UINT32:
        case TensorProto::UINT64:
            return static_cast<std::size_t>(tensor.uint64_data_size());
        default:
            return static_cast<std::size_t>(tensor.int32_data_size());
    }
}

// Raw data is little-endian on every machine.
std::uint64_t raw_bits(const std::string& raw, std::size_t index, std::size_t bytes) {
    std::uint64_t bits = 0;
    for (std::size_t byte = 0; byte < bytes; ++byte) {
        bits |= std::uint64_t{static_cast<unsigned char>(raw[index * bytes + byte])} << (8 * byte);
    }
    return bits;
}

double half_to_double(std::uint32_t bits) {
    const double sign = (bits & 0x8000U) != 0 ? -1 : 1;
    const auto exponent = static_cast<int>((bits >> 10U) & 31U);
    const double fraction = static_cast<double>(bits & 1023U) / 1024;
    if (exponent == 31) {
        return fraction == 0 ? sign * std::numeric_limits<double>::infinity()
                             : std::numeric_limits<double>::quiet_NaN();
    }
    return sign * (exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15));
}

double float_element(const TensorProto& tensor) {
    const bool is_raw = tensor.has_raw_data();
    const std::uint64_t bits = is_raw ? raw_bits(tensor.raw_data(), 0, element_bytes(tensor.data_type())) : 0;
    switch (tensor.data_type()) {
        case TensorProto::FLOAT:
            return is_raw ? std::bit_cast<float>(static_cast<std::uint32_t>(bits)) : tensor.float_data(0);
        case TensorProto::DOUBLE:
            return is_raw ? std::bit_cast<double>(bits) : tensor.double_data(0);
        case TensorProto::FLOAT16:
            return half_to_double(is_raw ? static_cast<std::uint32_t>(bits)
                                         : static_cast<std::uint32_t>(tensor.int32_data(0)));
        default:  // BFLOAT16: the upper half of a float
            return std::bit_cast<float>(
                (is_raw ? static_cast<std::uint32_t>(bits) : static_cast<std::uint32_t>(tensor.int32_data(0))) << 16U);
    }
}

// Of the signed types that shapes, axes and paddings have, and of truth values.
bool keeps_integers(std::int32_t data_type) {
    return data_type == TensorProto::INT64 || data_type == TensorProto::INT32 || data_type == TensorProto::BOOL;
}

std::int64_t integer_element(const TensorProto& tensor, std::size_t index) {
    if (tensor.has_raw_data()) {
        const std::uint64_t bits = raw_bits(tensor.raw_data(), index, element_bytes(tensor.data_type()));
        return tensor.data_type() == TensorProto::INT32 ? static_cast<std::int32_t>(bits)
                                                        : static_cast<std::int64_t>(bits);
    }
    const auto at = static_cast<int>(index);
    return tensor.data_type() == TensorProto::INT64 ? tensor.int64_data(at) : tensor.int32_data(at);
}

// Fails where the tensor has data that does not fill it. A tensor without any data has been stripped of its weights.
bool has_values(const TensorProto& tensor, std::int64_t elements, const std::string& file, const std::string& what) {
    if (tensor.data_location() == TensorProto::EXTERNAL) {
        return false;
    }
    const std::size_t bytes = element_bytes(tensor.data_type());
    const auto wanted = static_cast<std::size_t>(elements);
    const std::size_t listed = listed_elements(tensor);
    const bool is_raw = tensor.has_raw_data() && !tensor.raw_data().empty();
    if (is_raw ? tensor.raw_data().size() % bytes != 0 || tensor.raw_data().size() / bytes != wanted
               : listed != 0 && listed != wanted) {
        throw input::InputError(
            {{file, 0, 0},
             what + " is damaged: its data does not fill it",
             is_raw ? std::to_string(tensor.raw_data().size()) + " bytes" : std::to_string(listed) + " elements",
             std::to_string(wanted) + " elements" +
                 (is_raw ? " of " + std::to_string(bytes) + " bytes" : std::string()),
             {}});
    }
    return is_raw || listed != 0;
}

}  // namespace

std::int64_t element_count(const std::vector<std::int64_t>& dimensions) {
    if (std::find(dimensions.begin(), dimensions.end(), 0) != dimensions.end()) {
        return 0;  // beside a 0 the others may be of any size
    }
    return std::accumulate(dimensions.begin(), dimensions.end(), std::int64_t{1}, std::multiplies<>());
}

std::int64_t Constant::elements() const {
    return element_count(dimensions);
}

std::string Constant::text() const {
    if (integers) {
        return to_text(*integers);
    }
    if (lies_outside) {
        return "values in an external file";
    }
    return number ? std::to_string(*number) : "a tensor of " + to_text(dimensions);
}

bool is_float_type(std::int32_t data_type) {
    return data_type == TensorProto::FLOAT || data_type == TensorProto::FLOAT16 || data_type == TensorProto::DOUBLE ||
           data_type == TensorProto::BFLOAT16;
}

Constant make_integers(std::vector<std::int64_t> dimensions, std::vector<std::int64_t> values) {
    Constant constant{std::move(dimensions), std::move(values), {}, false};
    if (constant.integers->size() == 1) {
        constant.number = static_cast<double>(constant.integers->front());
    }
    return constant;
}

Constant read_constant(const TensorProto& tensor, const std::string& file, const std::string& what) {
    const auto fail = [&](const std::string& problem, std::string found, std::string expected) {
        throw input::InputError({{file, 0, 0}, what + problem, std::move(found), std::move(expected), {}});
    };
    if (element_bytes(tensor.data_type()) == 0) {
        fail(" has elements that are no numbers", "data type " + std::to_string(tensor.data_type()),
             "floating-point, integer or boolean numbers");
    }
    if (static_cast<std::size_t>(tensor.dims_size()) > maximum_rank) {
        fail(" has too many dimensions", std::to_string(tensor.dims_size()), "at most " + std::to_string(maximum_rank));
    }
    Constant constant;
    constexpr std::int64_t most = std::int64_t{1} << 40;
    std::int64_t elements = 1;
    for (const std::int64_t dimension : tensor.dims()) {
        // A factor of 0 must not hide the others: none is larger than the limit.
        if (dimension < 0 || dimension > most || (dimension > 0 && elements > most / dimension)) {
            fail(" has an impossible size", to_text({tensor.dims().begin(), tensor.dims().end()}),
                 "dimensions from 0, at most 2^40 elements");
        }
        elements *= std::max<std::int64_t>(dimension, 1);
        constant.dimensions.push_back(dimension);
    }
    elements = constant.elements();
    constant.lies_outside = tensor.data_location() == TensorProto::EXTERNAL;
    if (!has_values(tensor, elements, file, what) && elements > 0) {
        return constant;
    }
    if (keeps_integers(tensor.data_type()) && elements <= maximum_kept_elements) {
        std::vector<std::int64_t> values;
        for (std::size_t index = 0; index < static_cast<std::size_t>(elements); ++index) {
            values.push_back(integer_element(tensor, index));
        }
        return make_integers(std::move(constant.dimensions), std::move(values));
    }
    if (is_float_type(tensor.data_type()) && elements == 1) {
        constant.number = float_element(tensor);
    }
    return constant;
}

}  // namespace sotto::onnx
