// SPDX-License-Identifier: Apache-2.0
// Any text is either answered with an InputError, or gives labels with as many values each, finite or none.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "bench/proxy_report/trained_networks.hpp"
#include "engine/input/input_error.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    try {
        const proxy_report::TrainedNetworks networks =
            proxy_report::parse_trained_networks(std::string(data, data + size), "fuzz.csv");
        require(!networks.labels.empty() && !networks.genomes.empty(), "no label or no network");
        for (const proxy_report::LabelColumn& label : networks.labels) {
            require(label.id.find("accuracy") != std::string::npos, "a column that is no accuracy");
            require(label.values.size() == networks.genomes.size(), "labels of another number than networks");
            for (const double value : label.values) {
                require(!std::isinf(value), "an accuracy that is infinite");
            }
        }
    } catch (const input::InputError& error) {
        require(error.parts().location.file == "fuzz.csv" && !error.parts().problem.empty(),
                "an error without its file or reason");
    }
    return 0;
}
