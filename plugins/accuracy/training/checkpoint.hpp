// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::accuracy {

/// One epoch of a training.
struct EpochRecord {
    double learning_rate = 0;      ///< of its last step
    double training_loss = 0;      ///< mean over its steps
    double training_accuracy = 0;  ///< share of the images, as they were shown, before each step
    double validation_accuracy = 0;

    friend bool operator==(const EpochRecord&, const EpochRecord&) = default;
};

/// What a call answered: the network of the best epoch among the first `stop_after`.
struct TrainingAnswer {
    std::int64_t stop_after = 0;
    double validation_accuracy = 0;
    double test_accuracy = 0;
    std::int64_t epochs = 0;  ///< trained until then, fewer than stop_after where training ended by itself

    friend bool operator==(const TrainingAnswer&, const TrainingAnswer&) = default;
};

/// Everything that a training goes on from.
struct Checkpoint {
    std::string identity;  ///< of candidate, data and settings: 32 hexadecimal digits
    bool diverged = false;
    std::vector<EpochRecord> epochs;
    std::vector<TrainingAnswer> answers;
    /// Values of the tensors, in the order of the training that wrote them.
    std::vector<std::vector<float>> tensors;

    friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// The bytes of a checkpoint's file:
///
///     sotto-training/1 xxh3-128=<32 hex digits> bytes=<n>\n
///     the n bytes that the checksum is of; numbers little endian, the ones below as 64-bit integers or doubles:
///       identity, 32 characters
///       diverged, number of epochs, answers and tensors
///       each epoch's four numbers, each answer's four
///       each tensor's length, then its values as floats
std::string to_bytes(const Checkpoint& checkpoint);

/// Throws input::InputError under `name` for what to_bytes did not write: another version, a checksum that does not
/// fit, lengths that do not, accuracies that are no shares.
Checkpoint parse_checkpoint(std::string_view bytes, const std::string& name);

/// The learning curve as a table: a line for each epoch with epoch (from 1), learning_rate, training_loss,
/// training_accuracy and validation_accuracy, behind a line with those names.
std::string to_csv(const std::vector<EpochRecord>& epochs);

}  // namespace sotto::accuracy
