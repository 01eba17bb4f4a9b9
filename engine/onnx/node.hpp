// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::onnx {

/// A name of the file in single quotes, fit for a message: cut where it is long, unprintable bytes as '?'.
std::string in_quotes(std::string_view name);

/// `[1, 64, 56, 56]`.
std::string to_text(const std::vector<std::int64_t>& values);

/// One node of the graph; answers for it. Refers to the file's name and message, which outlive it.
class Node {
  public:
    Node(const std::string& file, const ::onnx::NodeProto& message, std::size_t position);

    const std::string& operation() const { return message_->op_type(); }
    const ::onnx::NodeProto& message() const { return *message_; }
    const std::string& file() const { return *file_; }
    std::size_t position() const noexcept { return position_; }  ///< in the file, from 0

    /// `node 'conv1' (Conv)`, or by position and output where the node has no name.
    std::string text() const;

    /// InputError: `FILE: node 'conv1' (Conv): PROBLEM: found FOUND, expected EXPECTED; did you mean 'NEAREST'?`
    [[noreturn]] void fail(const std::string& problem, std::string found = {}, std::string expected = {},
                           std::string nearest = {}) const;

    /// Input `which` by name; a left out one is empty.
    std::string_view input(std::size_t which) const;
    std::size_t inputs() const noexcept;
    const std::string& output() const;

    /// Fails unless the node has from `least` to `most` inputs, the first `least` not left out, and an output.
    void check_inputs(std::size_t least, std::size_t most) const;

    // Attributes. Each fails where the attribute has another type.
    void only_attributes(std::initializer_list<std::string_view> known) const;
    std::optional<std::int64_t> find_integer(std::string_view name) const;
    std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
    bool flag(std::string_view name, bool otherwise) const;
    std::optional<double> find_number(std::string_view name) const;
    std::string word(std::string_view name, std::string_view otherwise) const;
    std::optional<std::vector<std::int64_t>> find_integers(std::string_view name) const;
    const ::onnx::TensorProto* find_tensor(std::string_view name) const;

  private:
    const ::onnx::AttributeProto* find(std::string_view name, ::onnx::AttributeProto::AttributeType type) const;

    const std::string* file_;
    const ::onnx::NodeProto* message_;
    std::size_t position_;
};

}  // namespace sotto::onnx
