// SPDX-License-Identifier: Apache-2.0
// Any text is either answered with an InputError, or is rows of every layout that accepts it, whose sizes fit together.
// The text is read as a list of layers, and as the file of both roles for every layer type; at a line of `====` alone
// it is split into the client's file and the server's.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "cost_models/training/operation_columns.hpp"
#include "cost_models/training/published_rows.hpp"
#include "engine/input/input_error.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace sotto;
using namespace sotto::training;

void check(const sotto_operation& operation) {
    require(operation.elements > 0 && !wrong_size(operation), "an operation whose sizes do not fit together");
}

template <class Parse>
void answer(const Parse& parse) {
    try {
        parse();
    } catch (const input::InputError& error) {
        const std::string& file = error.parts().location.file;
        require((file == "client.csv" || file == "server.csv") && !error.parts().problem.empty(),
                "an error without its file or reason");
    }
}

void check_rows(const PublishedRows& rows) {
    require(rows.file == "client.csv", "rows of another file");
    for (const PublishedRow& row : rows.rows) {
        check(row.operation);
        require(row.client_ms >= 0 && row.server_ms >= 0 && std::isfinite(row.client_ms + row.server_ms),
                "a time that makes no sense");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    constexpr std::string_view line = "====\n";
    const std::size_t split = text.find(line);
    const PublishedFile client = {"client.csv", text.substr(0, split)};
    const PublishedFile server = {"server.csv", split == std::string::npos ? text : text.substr(split + line.size())};
    answer([&] {
        for (const LayerSequence& sequence : parse_layer_sequences(client)) {
            require(!sequence.network.empty() && !sequence.operations.empty(), "a network without name or layers");
            for (const sotto_operation& operation : sequence.operations) {
                check(operation);
            }
        }
    });
    for (const char* layer : {"conv", "relu", "maxpool", "avgpool", "bn", "trunc", "fc"}) {
        answer([&] { check_rows(parse_tidy_rows(layer, client, server)); });
    }
    for (const char* layer : {"conv", "relu", "maxpool", "avgpool", "BN1", "BN2", "trunc", "FC"}) {
        answer([&] { check_rows(parse_companion_rows(layer, client, server)); });
    }
    return 0;
}
