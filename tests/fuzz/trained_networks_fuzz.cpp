// SPDX-License-Identifier: Apache-2.0
// Any text is either answered with an InputError, or gives labels with as many finite values each.
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
        const std::vector<proxy_report::LabelColumn> labels =
            proxy_report::parse_trained_networks(std::string(data, data + size), "fuzz.csv");
        require(!labels.empty() && !labels.front().values.empty(), "no label or no network");
        for (const proxy_report::LabelColumn& label : labels) {
            require(label.id.starts_with("accuracy"), "a column that is no accuracy");
            require(label.values.size() == labels.front().values.size(), "labels of unequal length");
            for (const double value : label.values) {
                require(std::isfinite(value), "an accuracy that is not finite");
            }
        }
    } catch (const input::InputError& error) {
        require(error.parts().location.file == "fuzz.csv" && !error.parts().problem.empty(),
                "an error without its file or reason");
    }
    return 0;
}
