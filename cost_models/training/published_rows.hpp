// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sotto/plugin.h"

namespace sotto::training {

/// One row of the published measurements, its two roles side by side.
struct PublishedRow {
    std::string network;  ///< tidy layout: as the row says; else empty, as are run, part, position
    std::int64_t run = 0;
    std::int64_t part = 0;  ///< second and further executions in one log
    std::int64_t position = 0;
    sotto_operation operation{};  ///< `truncates` is 0: the logs do not say it
    double client_ms = 0;
    double server_ms = 0;
    int line = 0;  ///< in both files
};

/// The rows of one layer type.
struct PublishedRows {
    std::string file;  ///< the client's
    std::vector<PublishedRow> rows;
};

/// A file's name and what is in it.
struct PublishedFile {
    std::string name;
    std::string text;
};

/// Reads the two files of one layer type (`conv`, `relu`, ...; `BN1`, `BN2`, `FC` of the companion layout), which must
/// be one of the layout's. Throws input::InputError.
PublishedRows parse_tidy_rows(std::string_view layer, const PublishedFile& client, const PublishedFile& server);
PublishedRows parse_companion_rows(std::string_view layer, const PublishedFile& client, const PublishedFile& server);

/// Reads every layer type of DIRECTORY/{client,server}/{conv,...}.csv. Throws input::InputError.
std::vector<PublishedRows> read_tidy_rows(const std::string& directory);

/// Reads every layer type of DIRECTORY/{conv,...}_onlyTime_{client,server}.csv. Throws input::InputError.
std::vector<PublishedRows> read_companion_rows(const std::string& directory);

/// The layers of a network in execution order.
struct LayerSequence {
    std::string network;
    std::vector<sotto_operation> operations;  ///< `truncates` is 0
};

/// Reads nets_layers.csv. Throws input::InputError.
std::vector<LayerSequence> read_layer_sequences(const std::string& path);
std::vector<LayerSequence> parse_layer_sequences(const PublishedFile& file);

}  // namespace sotto::training
