// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>

#include "cost_models/mlp/mlp_predictor.hpp"
#include "tests/fuzz/learned_model_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    const std::string bytes(data, data + size);
    fuzz::check_model("mlp", bytes, mlp::read, [](const mlp::MlpPredictor& predictor, model_file::ModelFile& file) {
        mlp::write(predictor, file);
    });
    return 0;
}
