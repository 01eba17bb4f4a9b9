// SPDX-License-Identifier: Apache-2.0
// Any bytes are either answered with an InputError, or are a network that survives writing, hashing, counting and
// lowering.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/counts.hpp"
#include "engine/arch/network_yaml.hpp"
#include "engine/input/input_error.hpp"
#include "engine/onnx/read_network.hpp"
#include "engine/secure/lowering.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    const std::string bytes(data, data + size);
    arch::Network network;
    std::vector<std::string> notes;
    try {
        network = onnx::parse_network(bytes, "fuzz.onnx", &notes);
    } catch (const input::InputError& error) {
        require(error.parts().location.file == "fuzz.onnx", "an error without its file");
        return 0;
    }
    for (const std::string& note : notes) {
        require(!note.empty(), "a note without a text");
    }
    const arch::Network again = arch::parse_network(arch::to_yaml(network), "again.yaml");
    require(again == network, "written as YAML and read, the network has changed");
    require(arch::canonical_hash(again) == arch::canonical_hash(network), "equal networks have two hashes");
    const arch::Counts counts = arch::count(network);
    require(counts.parameters >= 0 && counts.multiply_adds >= 0 && counts.comparisons >= counts.relu_elements,
            "a count has overflowed");
    secure::Lowering lowering;
    secure::SecureProgram program;
    if (!lowering.lower(network, program)) {
        for (const secure::Operation& operation : program.operations) {
            require(operation.elements > 0 && operation.layer < network.size(), "an operation without content");
        }
    }
    return 0;
}
