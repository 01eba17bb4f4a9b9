// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>

#include "cost_models/lstm/lstm_predictor.hpp"
#include "tests/fuzz/learned_model_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    const std::string bytes(data, data + size);
    fuzz::check_model("lstm", bytes, lstm::read, [](const lstm::LstmPredictor& predictor, model_file::ModelFile& file) {
        lstm::write(predictor, file);
    });
    return 0;
}
