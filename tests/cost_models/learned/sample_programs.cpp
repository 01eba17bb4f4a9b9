// SPDX-License-Identifier: Apache-2.0
#include "tests/cost_models/learned/sample_programs.hpp"

#include "engine/random/random.hpp"

namespace sotto::sample {
namespace {

sotto_operation operation(std::int32_t kind, sotto_shape input, sotto_shape output, sotto_window window = {}) {
    sotto_operation result{};
    result.struct_size = sizeof result;
    result.kind = kind;
    result.input = input;
    result.output = output;
    result.window = window;
    result.elements = std::int64_t{output.channels} * output.height * output.width;
    return result;
}

}  // namespace

sotto_operation convolution(std::int32_t channels, std::int32_t size, std::int32_t filters, std::int32_t kernel) {
    const std::int32_t pad = kernel / 2;
    return operation(SOTTO_OPERATION_CONVOLUTION, {channels, size, size}, {filters, size, size},
                     {kernel, kernel, 1, 1, pad, pad, pad, pad});
}

sotto_operation relu(std::int64_t elements, bool truncates) {
    sotto_operation result{};
    result.struct_size = sizeof result;
    result.kind = SOTTO_OPERATION_RELU;
    result.elements = elements;
    result.truncates = truncates ? 1 : 0;
    return result;
}

sotto_operation max_pool(std::int32_t channels, std::int32_t size) {
    return operation(SOTTO_OPERATION_MAX_POOL, {channels, size, size}, {channels, size / 2, size / 2},
                     {2, 2, 2, 2, 0, 0, 0, 0});
}

sotto_operation average_pool(std::int32_t channels, std::int32_t size) {
    sotto_operation result = max_pool(channels, size);
    result.kind = SOTTO_OPERATION_AVERAGE_POOL;
    return result;
}

sotto_operation truncation(std::int64_t elements) {
    sotto_operation result = relu(elements, false);
    result.kind = SOTTO_OPERATION_TRUNCATION;
    return result;
}

sotto_operation normalization(std::int32_t channels, std::int32_t size) {
    sotto_operation result =
        operation(SOTTO_OPERATION_BATCH_NORMALIZATION, {channels, size, size}, {channels, size, size});
    result.normalization = SOTTO_NORMALIZATION_HOMOMORPHIC;
    return result;
}

sotto_operation fully_connected(std::int32_t inputs, std::int32_t outputs) {
    return operation(SOTTO_OPERATION_FULLY_CONNECTED, {inputs, 1, 1}, {outputs, 1, 1});
}

const protocol::EngineProfile& engine() {
    return *protocol::find_profile("opencheetah-2023");
}

std::vector<std::vector<sotto_operation>> programs(std::uint64_t seed, std::size_t count) {
    std::vector<std::vector<sotto_operation>> result;
    for (std::size_t n = 0; n < count; ++n) {
        random::Stream stream(seed, 0, static_cast<std::uint32_t>(n), random::Purpose::test);
        const auto draw = [&](std::int32_t least, std::uint64_t span) {
            return least + static_cast<std::int32_t>(stream.below(span));
        };
        std::vector<sotto_operation>& program = result.emplace_back();
        for (int block = 0; block < 2; ++block) {
            const std::int32_t channels = draw(4, 60);
            const std::int32_t filters = draw(8, 120);
            const std::int32_t size = 2 * draw(4, 12);
            program.push_back(convolution(channels, size, filters, 1 + 2 * draw(0, 3)));
            program.push_back(relu(std::int64_t{filters} * size * size));
            program.push_back(max_pool(filters, size));
            program.push_back(normalization(filters, size / 2));
            program.push_back(truncation(std::int64_t{filters} * size * size / 4));
            program.push_back(average_pool(filters, size / 2 * 2));
        }
        program.push_back(fully_connected(draw(10, 2000), draw(10, 500)));
        program.push_back(relu(draw(100, 5000)));
    }
    return result;
}

}  // namespace sotto::sample
