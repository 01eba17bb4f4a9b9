// SPDX-License-Identifier: Apache-2.0
// Any text is either answered with an InputError, or holds cells with accuracies in percent.
#include <cstddef>
#include <cstdint>
#include <string>

#include "bench/nasbench201/trained_cells.hpp"
#include "engine/input/input_error.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    try {
        for (const nasbench201::TrainedCell& cell :
             nasbench201::parse_trained_cells(std::string(data, data + size), "fuzz.json")) {
            require(cell.genome.starts_with("edge01="), "a cell that is no genome");
            require(cell.accuracy >= 0 && cell.accuracy <= 100, "an accuracy that is no percentage");
        }
    } catch (const input::InputError& error) {
        require(error.parts().location.file == "fuzz.json" && !error.parts().problem.empty(),
                "an error without its file or reason");
    }
    return 0;
}
