// SPDX-License-Identifier: Apache-2.0
// Any text is either answered with an InputError, or holds cells with a finite number for each column.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "bench/nasbench201/measured_cells.hpp"
#include "engine/input/input_error.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    try {
        const nasbench201::MeasuredCells measured =
            nasbench201::parse_measured_cells(std::string(data, data + size), "fuzz.csv");
        require(!measured.columns.empty(), "measurements without a column");
        for (const nasbench201::MeasuredCell& cell : measured.cells) {
            require(cell.genome.starts_with("edge01="), "a cell that is no genome");
            require(cell.values.size() == measured.columns.size(), "a cell without all its numbers");
            for (const double value : cell.values) {
                require(std::isfinite(value), "a number that is not finite");
            }
        }
    } catch (const input::InputError& error) {
        require(error.parts().location.file == "fuzz.csv" && !error.parts().problem.empty(),
                "an error without its file or reason");
    }
    return 0;
}
