// SPDX-License-Identifier: Apache-2.0
#include "tests/cost_models/analytical/reference_programs.hpp"

#include <array>
#include <cstdint>
#include <utility>

namespace sotto::test {
namespace {

using secure::Operation;
using secure::OperationKind;

// Adds operations on square images, remembering the shape that flows.
class Writer {
  public:
    Writer(std::int32_t channels, std::int32_t extent) : shape_{channels, extent, extent} {}

    const arch::Shape& shape() const { return shape_; }
    void set_shape(const arch::Shape& shape) { shape_ = shape; }

    // pad_before and pad_after: above and left, below and right.
    void window(OperationKind kind, std::int32_t channels, std::int32_t kernel, std::int32_t stride,
                std::int32_t pad_before = 0, std::int32_t pad_after = 0) {
        const std::int32_t extent = (shape_.height + pad_before + pad_after - kernel) / stride + 1;
        const arch::Shape output{channels, extent, extent};
        push(kind, output, {kernel, kernel, stride, stride, pad_before, pad_after, pad_before, pad_after});
    }
    void conv(std::int32_t channels, std::int32_t kernel, std::int32_t stride = 1) {
        const std::int32_t pad = stride == 1 ? kernel / 2 : 0;
        window(OperationKind::convolution, channels, kernel, stride, pad, pad);
    }
    void same(OperationKind kind) { push(kind, shape_, {}); }
    void relu() { same(OperationKind::relu); }
    void truncation() { same(OperationKind::truncation); }
    void normalization() { same(OperationKind::batch_normalization); }

    secure::SecureProgram take() { return std::move(program_); }

  private:
    void push(OperationKind kind, const arch::Shape& output, const arch::Window& window) {
        Operation operation;
        operation.kind = kind;
        operation.input = shape_;
        operation.output = output;
        operation.window = window;
        operation.elements = output.elements();
        program_.operations.push_back(operation);
        shape_ = output;
    }

    arch::Shape shape_;
    secure::SecureProgram program_;
};

void fire(Writer& writer, std::int32_t squeeze, std::int32_t expand) {
    writer.conv(squeeze, 1);
    writer.relu();
    const arch::Shape squeezed = writer.shape();
    writer.conv(expand, 1);
    writer.relu();
    writer.set_shape(squeezed);
    writer.conv(expand, 3);
    writer.relu();
    writer.set_shape({2 * expand, squeezed.height, squeezed.width});
}

}  // namespace

secure::SecureProgram squeezenet_program() {
    Writer writer(3, 227);
    writer.conv(64, 3, 2);
    writer.window(OperationKind::max_pool, 64, 3, 2);
    writer.relu();
    fire(writer, 16, 64);
    fire(writer, 16, 64);
    writer.window(OperationKind::max_pool, 128, 3, 2);
    fire(writer, 32, 128);
    fire(writer, 32, 128);
    writer.window(OperationKind::max_pool, 256, 3, 2);
    fire(writer, 48, 192);
    fire(writer, 48, 192);
    fire(writer, 64, 256);
    fire(writer, 64, 256);
    writer.conv(1000, 1);
    writer.relu();
    writer.window(OperationKind::average_pool, 1000, 13, 1);
    return writer.take();
}

secure::SecureProgram resnet50_program() {
    Writer writer(3, 230);  // padded beforehand
    writer.conv(64, 7, 2);
    writer.window(OperationKind::max_pool, 64, 3, 2, 0, 1);
    writer.truncation();
    writer.normalization();
    writer.relu();
    constexpr std::array<int, 4> blocks = {3, 4, 6, 3};
    std::int32_t middle = 64;
    for (std::size_t stage = 0; stage < blocks.size(); ++stage, middle *= 2) {
        for (int block = 0; block < blocks[stage]; ++block) {
            const arch::Shape input = writer.shape();
            const std::int32_t stride = stage > 0 && block == 0 ? 2 : 1;
            if (block == 0) {
                writer.conv(4 * middle, 1, stride);
                writer.set_shape(input);
            }
            writer.conv(middle, 1);
            writer.relu();
            if (stride == 2) {
                writer.set_shape({middle, input.height + 2, input.width + 2});  // padded beforehand
            }
            writer.conv(middle, 3, stride);
            if (stage == 1 && block == 1) {  // the one normalisation that was not folded into its convolution
                writer.truncation();
                writer.normalization();
            }
            writer.relu();
            writer.conv(4 * middle, 1);
            writer.truncation();
            writer.normalization();
            writer.relu();
        }
    }
    writer.window(OperationKind::average_pool, 2048, 7, 1);
    Operation last;
    last.kind = OperationKind::fully_connected;
    last.input = {2048, 1, 1};
    last.output = {1001, 1, 1};
    last.elements = 1001;
    secure::SecureProgram program = writer.take();
    program.operations.push_back(last);
    return program;
}

secure::SecureProgram densenet121_program() {
    constexpr std::int32_t growth = 32;
    Writer writer(3, 224);
    writer.window(OperationKind::convolution, 64, 7, 2, 3, 2);
    writer.window(OperationKind::max_pool, 64, 3, 2, 0, 1);
    writer.relu();
    constexpr std::array<int, 4> blocks = {6, 12, 24, 16};
    for (std::size_t block = 0; block < blocks.size(); ++block) {
        for (int layer = 0; layer < blocks[block]; ++layer) {
            const arch::Shape input = writer.shape();
            writer.normalization();
            writer.relu();
            writer.conv(4 * growth, 1);
            if (block == 1 && layer == 3) {  // the one normalisation that was not folded into its convolution
                writer.truncation();
                writer.normalization();
            }
            writer.relu();
            writer.conv(growth, 3);
            writer.truncation();
            writer.set_shape({input.channels + growth, input.height, input.width});
        }
        writer.normalization();
        writer.relu();
        if (block + 1 < blocks.size()) {
            writer.conv(writer.shape().channels / 2, 1);
            writer.window(OperationKind::average_pool, writer.shape().channels, 2, 2);
            writer.truncation();
        }
    }
    writer.window(OperationKind::average_pool, 1024, 7, 1);
    writer.conv(1000, 1);
    return writer.take();
}

}  // namespace sotto::test
