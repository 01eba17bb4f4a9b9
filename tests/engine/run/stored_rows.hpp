// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/run/store.hpp"

namespace sotto::run::test {

inline const std::vector<StoredMetric> two_metrics = {{"params", "1"}, {"latency.total_ms", "ms"}};

inline StoredCandidate candidate(std::uint64_t id, std::uint64_t network) {
    StoredCandidate row;
    row.id = id;
    row.generation = static_cast<std::uint32_t>(id / 100);
    row.index = static_cast<std::uint32_t>(id % 100);
    row.genome = "width=" + std::to_string(network);
    row.hash = arch::CanonicalHash{network, ~network};
    row.source = "child";
    return row;
}

inline evaluate::Evaluation evaluation(std::uint64_t network, double latency = 1.5) {
    evaluate::Evaluation row;
    row.status = evaluate::Evaluation::Status::complete;
    row.hash = {network, ~network};
    row.metrics = {static_cast<double>(network), latency};
    return row;
}

}  // namespace sotto::run::test
