// SPDX-License-Identifier: Apache-2.0
// Any bytes are either answered with an InputError, or are a checkpoint that survives writing. The checksum would stop
// a fuzzer at the first line: bytes are taken as the content behind a first line that fits, too.
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/input/input_error.hpp"
#include "plugins/accuracy/training/checkpoint.hpp"
#include "plugins/accuracy/training/content_hash.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace sotto;

std::string framed(const std::string& content) {
    accuracy::ContentHash hash;
    hash.add(content);
    return "sotto-training/1 xxh3-128=" + hash.text() + " bytes=" + std::to_string(content.size()) + '\n' + content;
}

void check(const std::string& bytes) {
    accuracy::Checkpoint checkpoint;
    try {
        checkpoint = accuracy::parse_checkpoint(bytes, "fuzz.checkpoint");
    } catch (const input::InputError& error) {
        require(error.parts().location.file == "fuzz.checkpoint" && !error.parts().problem.empty(),
                "an error without its file or reason");
        return;
    }
    require(accuracy::to_bytes(checkpoint) == bytes, "written again, the checkpoint has changed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(data, data + size);
    check(bytes);
    check(framed(bytes));
    return 0;
}
