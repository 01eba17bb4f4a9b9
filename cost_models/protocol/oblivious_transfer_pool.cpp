// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/oblivious_transfer_pool.hpp"

#include <cmath>

namespace sotto::protocol {
namespace {

// Base transfers that the first extension of a program needs, measured: the receiver's keys and the sender's.
constexpr double extension_setup_client_bytes = 12997;
constexpr double extension_setup_server_bytes = 8832;
constexpr double extension_setup_flows = 2;

}  // namespace

ObliviousTransferPool::ObliviousTransferPool(const EngineProfile& profile) noexcept
    : forward_{1, profile.parameters().transfers_per_refill},
      backward_(forward_),
      transfers_per_refill_(profile.parameters().transfers_per_refill),
      bytes_per_refill_(profile.parameters().bytes_per_refill),
      threads_(profile.parameters().threads),
      is_silent_(profile.parameters().transfers == TransferSource::silent_pool) {}

// A refill comes when a draw finds too little, not when it takes the last.
double ObliviousTransferPool::refills(Direction& direction, double draws) const noexcept {
    direction.drawn += draws;
    if (direction.drawn <= direction.filled) {
        return 0;
    }
    const double count = std::ceil((direction.drawn - direction.filled) / transfers_per_refill_);
    direction.filled += count * transfers_per_refill_;
    return count;
}

Refills ObliviousTransferPool::advance(double forward_draws, double backward_draws, double extension_ots) noexcept {
    Refills result;
    if (!is_silent_) {
        return result;
    }
    result.forward = refills(forward_, forward_draws);
    result.backward = refills(backward_, backward_draws);
    // In odd threads forward transfers are sent by the client.
    const int odd_threads = threads_ / 2;
    const int even_threads = threads_ - odd_threads;
    result.server_sent_bytes = bytes_per_refill_ * (result.forward * even_threads + result.backward * odd_threads);
    result.client_sent_bytes = bytes_per_refill_ * (result.backward * even_threads + result.forward * odd_threads);
    result.flows = result.forward + result.backward > 0 ? 1 : 0;
    if (extension_ots > 0 && !has_extended_) {
        has_extended_ = true;
        result.client_sent_bytes += extension_setup_client_bytes * threads_;
        result.server_sent_bytes += extension_setup_server_bytes * threads_;
        result.flows += extension_setup_flows;
    }
    return result;
}

}  // namespace sotto::protocol
