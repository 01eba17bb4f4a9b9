// SPDX-License-Identifier: Apache-2.0
// Any text is either answered with an InputError that names file and reason, or is a table that survives writing and
// can be gathered into a training set and dealt.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "cost_models/training/cross_validation.hpp"
#include "cost_models/training/measurement_table.hpp"
#include "engine/input/input_error.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    using namespace sotto::training;
    const std::string text(data, data + size);
    for (const Times times : {Times::required, Times::optional}) {
        MeasurementTable table;
        try {
            table = parse_measurement_table(text, "fuzz.csv", times);
        } catch (const input::InputError& error) {
            require(error.parts().location.file == "fuzz.csv" && !error.parts().problem.empty(),
                    "an error without its file or reason");
            continue;
        }
        // Throws for what is not UTF-8.
        static_cast<void>(nlohmann::json(text).dump());
        for (const Execution& execution : table.executions) {
            require(std::none_of(execution.network.begin(), execution.network.end(),
                                 [](unsigned char c) { return c < ' ' || c == 0x7F; }),
                    "a name with a control character");
        }
        const std::string written = to_csv(table);
        require(to_csv(parse_measurement_table(written, "again.csv", times)) == written,
                "written and read, the table has changed");
        const TrainingSet set = training_set({table});
        for (const Split split : {Split::rows, Split::configurations, Split::networks}) {
            const Folds folds = deal(set, split, 3, 1);
            require(folds.fold_of.size() == set.size(), "a network without folds");
        }
    }
    return 0;
}
