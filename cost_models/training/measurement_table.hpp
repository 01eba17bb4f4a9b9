// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sotto/plugin.h"

namespace sotto::training {

/// One operation that a secure engine executed, as one row of a measurement table says (docs/formats.md). What a table
/// has no column for is NaN.
struct MeasuredOperation {
    sotto_operation operation{};  ///< struct_size set; `layer` is the position
    double client_ms = 0;         ///< wall time on that role, waiting for the other one included
    double server_ms = 0;
    double client_cpu_ms = 0;
    double server_cpu_ms = 0;
    double client_sent_bytes = 0;
    double server_sent_bytes = 0;
    double flows = 0;       ///< one-way messages; two make a round trip
    double client_ots = 0;  ///< correlated oblivious transfers in which the client is the sender
    double server_ots = 0;
    int line = 0;  ///< in the file, from 1; 0: not from a file
};

/// One run of one network: its operations in execution order.
struct Execution {
    std::string network;
    std::int64_t run = 1;
    std::vector<MeasuredOperation> operations;
};

struct MeasurementTable {
    std::vector<Execution> executions;  ///< in the order of the file
};

/// Whether a table has to have times: a program that is to be predicted has none.
enum class Times : std::uint8_t { required, optional };

/// Reads a measurement table. Strict: throws input::InputError with line, column, found and expected for a header that
/// lacks a column or has an unknown or doubled one, a row that is too short or long, an unknown operation, a number
/// that is missing, not finite, negative or out of range, a value where the operation has none, output sizes that do
/// not follow from the input, rows of a run that are not contiguous or out of order, a run that stands twice, and runs
/// of one network whose operations differ.
MeasurementTable read_measurement_table(const std::string& path, Times times);
/// The bytes of a table, for the next function. Throws input::InputError where they cannot be had or are too many.
std::string read_table_text(const std::string& path);
MeasurementTable parse_measurement_table(const std::string& text, const std::string& file_name, Times times);

/// The table as text; columns of measured figures that no row has are left out. Parsing it gives the same table, but
/// for the line numbers.
std::string to_csv(const MeasurementTable& table);

}  // namespace sotto::training
