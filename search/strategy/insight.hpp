// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "search/space/genome.hpp"

namespace sotto::search {

/// What of a candidate fixes its cost under secure inference, counted for one image.
struct Workload {
    double relu_elements = 0;
    double square_elements = 0;
    double activations = 0;  ///< operations that compute ReLUs or squares
    double max_pool_comparisons = 0;
    double average_pool_elements = 0;
    double linear_operations = 0;  ///< convolutions and fully connected layers
    double positions = 0;          ///< height x width of their outputs, summed
    double ciphertexts = 0;        ///< of theirs, in and out
    double multiply_adds = 0;
    double parameters = 0;
};

/// What is known of a genome before it is evaluated. Strategies learn from it and aim by it; what the numbers mean is
/// known to whoever implements it. Every answer is a function of the genome alone.
class Insight {
  public:
    struct Description {
        std::vector<double> features;  ///< feature_count() finite numbers
        Workload workload;
        std::vector<std::uint64_t> operations;  ///< in execution order; equal numbers for operations that cost the same
        std::uint64_t network = 0;              ///< equal for genomes that give the same network
    };

    virtual ~Insight() = default;

    virtual std::size_t feature_count() const = 0;

    /// Overwrites `description`. False where the genome gives no network, or none that can be executed. Several calls
    /// may run at once.
    virtual bool describe(const Genome& genome, Description& description) = 0;

    /// What each of the description's operations costs, in any unit; empty where the cost model does not tell. One call
    /// at a time.
    virtual void operation_costs(const Genome& genome, std::vector<double>& costs) = 0;
};

}  // namespace sotto::search
