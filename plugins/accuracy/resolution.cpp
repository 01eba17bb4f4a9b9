// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/resolution.hpp"

#include <algorithm>

#include "plugins/accuracy/candidate_error.hpp"

namespace sotto::accuracy {

Graph at_size(const Graph& graph, std::int64_t size) {
    const sotto_shape& own = graph.input_shape();
    if (size <= 0 || size >= std::min(own.height, own.width)) {
        return graph;
    }
    return graph.resized(static_cast<std::int32_t>(size), static_cast<std::int32_t>(size));
}

Graph at_least_size(const Graph& graph, std::int64_t size) {
    for (;; size += 32) {
        try {
            return at_size(graph, size);
        } catch (const CandidateError& error) {
            if (error.status() != SOTTO_UNSUPPORTED) {
                throw;
            }
        }
    }
}

}  // namespace sotto::accuracy
