// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/plugin/instance.hpp"
#include "engine/plugin/isolation/message.hpp"

namespace sotto::plugin::isolation {

/// The flat arrays of a candidate, as they are.
void write(MessageWriter& message, const CandidateView& candidate);
/// Makes `candidate` a view of what stands in the message, whose storage must outlive it. Throws ProtocolError where
/// sizes are not those of this build or indices lead outside an array.
void read_candidate(MessageReader& message, CandidateView& candidate);

void write(MessageWriter& message, const Score& score);
/// Throws ProtocolError, also where a score that is ok does not have exactly `metric_count` metrics.
void read_score(MessageReader& message, std::size_t metric_count, Score& score);

}  // namespace sotto::plugin::isolation
