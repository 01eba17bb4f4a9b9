// SPDX-License-Identifier: Apache-2.0
// Any text is either answered with its line, or is a table of finite numbers.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sotto/plugin.hpp"

#include "plugins/examples/table_lookup/table.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    try {
        const auto table = table_lookup::Table::parse(text, "fuzz.csv", "accuracy");
        require(table.size() > 0, "an empty table was read");
        // Every key that stands in the text may be one of the table.
        std::size_t found = 0;
        for (std::size_t at = 0; at + 16 <= text.size() && text.size() < 4096; ++at) {
            std::uint64_t key = 0;
            bool is_key = true;
            for (std::size_t digit = 0; digit < 16; ++digit) {
                const std::size_t value = std::string_view("0123456789abcdef").find(text[at + digit]);
                is_key = is_key && value != std::string_view::npos;
                key = key * 16 + (is_key ? value : 0);
            }
            if (const auto value = table.find(key); is_key && value) {
                require(std::isfinite(*value), "a number that is not finite");
                ++found;
            }
        }
        require(found >= table.size() || text.size() >= 4096, "a network of the table is not found");
    } catch (const sotto::sdk::InvalidArgument& error) {
        require(std::string_view(error.what()).starts_with("fuzz.csv:"), "an error without its file");
    }
    return 0;
}
