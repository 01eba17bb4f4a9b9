// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sotto/plugin.h"

namespace sotto::protocol::test {

/// One row of cost_models/data/cheetah_measured: an operation that OpenCheetah ran, and what it counted.
struct MeasuredOperation {
    std::string network;
    int run = 0;
    std::string kind;
    sotto_operation operation{};
    double client_sent_bytes = 0, server_sent_bytes = 0;
    double flows = 0;
    double client_ots = 0, server_ots = 0;
};

/// The rows of a setting (`local`, `lan`, `wan`), in the order of the file: execution order within a run. Throws
/// std::runtime_error where the file is not as expected.
std::vector<MeasuredOperation> measured_operations(const std::string& setting);

}  // namespace sotto::protocol::test
