// SPDX-License-Identifier: Apache-2.0
// Any text is either answered with an InputError, or holds predictions that survive writing.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "bench/cost_models_report/predictions_file.hpp"
#include "engine/input/input_error.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    report::Predictions predictions;
    try {
        predictions = report::parse_predictions(std::string(data, data + size), "fuzz.csv");
    } catch (const input::InputError& error) {
        require(error.parts().location.file == "fuzz.csv" && !error.parts().problem.empty(),
                "an error without its file or reason");
        return 0;
    }
    for (const auto& [program, prediction] : predictions) {
        for (const training::RoleTimes& of_operation : prediction.times) {
            require(std::isfinite(of_operation.client_ms) && std::isfinite(of_operation.server_ms),
                    "a time that is not finite");
        }
    }
    const std::string written = report::to_text(predictions);
    require(report::to_text(report::parse_predictions(written, "again.csv")) == written,
            "written and read, the predictions have changed");
    return 0;
}
