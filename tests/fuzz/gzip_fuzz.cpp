// SPDX-License-Identifier: Apache-2.0
// Any bytes are either answered with an InputError, or hold at most what is allowed, the same each time.
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/input/input_error.hpp"
#include "plugins/accuracy/images/gzip.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    constexpr std::size_t most = std::size_t{1} << 16U;
    const std::string bytes(data, data + size);
    std::string content;
    try {
        content = accuracy::decompress_gzip(bytes, "fuzz.gz", most);
    } catch (const input::InputError& error) {
        require(error.parts().location.file == "fuzz.gz" && !error.parts().problem.empty(),
                "an error without its file or reason");
        return 0;
    }
    require(content.size() <= most, "more than is allowed");
    require(accuracy::decompress_gzip(bytes + bytes, "fuzz.gz", 2 * most) == content + content,
            "two members are not their contents behind each other");
    return 0;
}
