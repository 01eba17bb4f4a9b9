// SPDX-License-Identifier: Apache-2.0
// Layers against single sums in the order of the inputs, bit by bit.
#include "cost_models/learned/dense_layers.hpp"

#include <cstdint>
#include <vector>

#include "engine/random/random.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using learned::DenseLayer;

namespace {

std::vector<float> random_values(random::Stream& stream, std::size_t count) {
    std::vector<float> values(count);
    for (float& value : values) {
        value = static_cast<float>(static_cast<double>(stream.below(2'000'001)) * 1e-6 - 1);
    }
    return values;
}

}  // namespace

TEST_CASE("layers add up in the order of the inputs whatever the number of rows and outputs") {
    std::uint32_t number = 0;
    for (const std::size_t outputs : {1U, 2U, 3U, 4U, 7U, 8U, 13U, 32U, 96U}) {
        for (const std::size_t rows : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 11U}) {
            random::Stream stream(31, 0, number++, random::Purpose::test);
            const std::size_t inputs = 1 + stream.below(50);
            const DenseLayer layer = {inputs, outputs, random_values(stream, inputs * outputs),
                                      random_values(stream, outputs)};
            const std::vector<float> x = random_values(stream, rows * inputs);
            std::vector<float> expected;
            for (std::size_t row = 0; row < rows; ++row) {
                for (std::size_t o = 0; o < outputs; ++o) {
                    float sum = layer.bias[o];
                    for (std::size_t i = 0; i < inputs; ++i) {
                        sum += x[row * inputs + i] * layer.weights[i * outputs + o];
                    }
                    expected.push_back(sum);
                }
            }
            std::vector<float> found(rows * outputs);
            layer.apply(rows, x.data(), found.data());
            INFO(rows << " rows, " << inputs << " inputs, " << outputs << " outputs");
            CHECK(found == expected);

            // The same in two parts of the inputs.
            const std::size_t cut = stream.below(inputs + 1);
            std::vector<float> begin;
            std::vector<float> end;
            for (std::size_t row = 0; row < rows; ++row) {
                for (std::size_t i = 0; i < inputs; ++i) {
                    (i < cut ? begin : end).push_back(x[row * inputs + i]);
                }
            }
            layer.set_bias(rows, found.data());
            layer.accumulate(rows, begin.data(), found.data(), 0, cut);
            layer.accumulate(rows, end.data(), found.data(), cut, inputs - cut);
            CHECK(found == expected);
        }
    }
}
