// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/training/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

#include "engine/input/input_error.hpp"
#include "plugins/accuracy/training/content_hash.hpp"

namespace sotto::accuracy {
namespace {

static_assert(std::endian::native == std::endian::little, "checkpoints hold numbers as they lie in memory");

constexpr std::string_view signature = "sotto-training/1 xxh3-128=";
constexpr std::string_view size_word = " bytes=";
constexpr std::size_t hash_digits = 32;
constexpr std::size_t number_bytes = 8;
constexpr std::size_t counts = 4;                       // of diverged, epochs, answers and tensors
constexpr std::size_t record_bytes = 4 * number_bytes;  // an epoch, or an answer

std::string hash_of(std::string_view content) {
    ContentHash hash;
    hash.add(content);
    return hash.text();
}

template <typename Number>
void append(std::string& bytes, Number value) {
    static_assert(sizeof(Number) == number_bytes && std::is_arithmetic_v<Number>);
    std::array<char, sizeof(Number)> raw{};
    std::memcpy(raw.data(), &value, sizeof value);
    bytes.append(raw.data(), raw.size());
}

/// Of what stands behind the first line.
std::size_t content_size(const Checkpoint& checkpoint) {
    std::size_t size = checkpoint.identity.size() + counts * number_bytes +
                       (checkpoint.epochs.size() + checkpoint.answers.size()) * record_bytes;
    for (const std::vector<float>& tensor : checkpoint.tensors) {
        size += number_bytes + tensor.size() * sizeof(float);
    }
    return size;
}

/// Takes the content apart from front to back.
class Reader {
  public:
    Reader(std::string_view content, const std::string& name) : content_(content), name_(name) {}

    [[noreturn]] void fail(const std::string& problem, std::string found, std::string expected) const {
        throw input::InputError({{name_, 0, 0},
                                 "content byte " + std::to_string(at_) + ": " + problem,
                                 std::move(found),
                                 std::move(expected),
                                 {}});
    }

    std::string_view take(std::size_t count, const char* what) {
        if (count > content_.size() - at_) {
            fail("content is cut short", std::to_string(content_.size() - at_) + " bytes", what);
        }
        at_ += count;
        return content_.substr(at_ - count, count);
    }

    template <typename Number>
    Number number(const char* what) {
        Number value;
        std::memcpy(&value, take(sizeof value, what).data(), sizeof value);
        return value;
    }

    std::int64_t integer(const char* what, std::int64_t least, std::int64_t most) {
        const auto value = number<std::int64_t>(what);
        if (value < least || value > most) {
            fail(what, std::to_string(value), std::to_string(least) + " to " + std::to_string(most));
        }
        return value;
    }

    double within(const char* what, double least, double most) {
        const auto value = number<double>(what);
        if (!(value >= least && value <= most)) {
            fail(what, std::to_string(value), std::to_string(least) + " to " + std::to_string(most));
        }
        return value;
    }

    double share(const char* what) { return within(what, 0, 1); }

    /// How many things of at least `bytes` each there can still be.
    std::int64_t most_of(std::size_t bytes) const { return static_cast<std::int64_t>((content_.size() - at_) / bytes); }

    void end() const {
        if (at_ != content_.size()) {
            fail("bytes behind the last tensor", std::to_string(content_.size() - at_), "the end");
        }
    }

  private:
    std::string_view content_;
    std::string name_;
    std::size_t at_ = 0;
};

/// The content behind the first line, whose checksum it has.
std::string_view checked_content(std::string_view bytes, const std::string& name) {
    const auto fail = [&](const std::string& problem, std::string found, std::string expected) {
        throw input::InputError({{name, 1, 0}, problem, std::move(found), std::move(expected), {}});
    };
    const std::size_t digits = signature.size() + hash_digits;
    if (!bytes.starts_with(signature) || bytes.size() < digits || !bytes.substr(digits).starts_with(size_word)) {
        fail("not a checkpoint of this version",
             "'" + std::string(bytes.substr(0, bytes.find('\n')).substr(0, 80)) + "'",
             std::string(signature) + "<32 hexadecimal digits>" + std::string(size_word) + "<number>");
    }
    const char* const begin = bytes.data() + digits + size_word.size();
    std::uint64_t size = 0;
    const auto [end, problem] = std::from_chars(begin, bytes.data() + bytes.size(), size);
    if (problem != std::errc{} || end == bytes.data() + bytes.size() || *end != '\n') {
        fail("number of bytes cannot be read", {}, "a number and the end of the line");
    }
    const std::string_view content = bytes.substr(static_cast<std::size_t>(end - bytes.data()) + 1);
    if (content.size() != size) {
        fail("checkpoint is not whole", std::to_string(content.size()) + " bytes behind the first line",
             std::to_string(size));
    }
    const std::string_view expected = bytes.substr(signature.size(), hash_digits);
    if (const std::string found = hash_of(content); found != expected) {
        fail("checkpoint is damaged: its checksum", found, std::string(expected));
    }
    return content;
}

}  // namespace

std::string to_bytes(const Checkpoint& checkpoint) {
    const std::size_t size = content_size(checkpoint);
    std::string bytes(signature);
    bytes.append(hash_digits, '0');
    bytes += std::string(size_word) + std::to_string(size) + '\n';
    const std::size_t header = bytes.size();
    // Weights are most of it: the only copy of them here.
    bytes.reserve(header + size);
    bytes += checkpoint.identity;
    append<std::int64_t>(bytes, checkpoint.diverged ? 1 : 0);
    for (const std::size_t count : {checkpoint.epochs.size(), checkpoint.answers.size(), checkpoint.tensors.size()}) {
        append(bytes, static_cast<std::int64_t>(count));
    }
    for (const EpochRecord& epoch : checkpoint.epochs) {
        for (const double value :
             {epoch.learning_rate, epoch.training_loss, epoch.training_accuracy, epoch.validation_accuracy}) {
            append(bytes, value);
        }
    }
    for (const TrainingAnswer& answer : checkpoint.answers) {
        append(bytes, answer.stop_after);
        append(bytes, answer.validation_accuracy);
        append(bytes, answer.test_accuracy);
        append(bytes, answer.epochs);
    }
    for (const std::vector<float>& tensor : checkpoint.tensors) {
        append(bytes, static_cast<std::int64_t>(tensor.size()));
        const auto values = std::as_bytes(std::span(tensor));
        bytes.append(reinterpret_cast<const char*>(values.data()), values.size());
    }
    assert(bytes.size() == header + size);
    bytes.replace(signature.size(), hash_digits, hash_of(std::string_view(bytes).substr(header)));
    return bytes;
}

Checkpoint parse_checkpoint(std::string_view bytes, const std::string& name) {
    Reader reader(checked_content(bytes, name), name);
    Checkpoint checkpoint;
    checkpoint.identity = reader.take(hash_digits, "identity");
    checkpoint.diverged = reader.integer("diverged", 0, 1) != 0;
    const std::int64_t epochs = reader.integer("number of epochs", 0, reader.most_of(record_bytes));
    const std::int64_t answers = reader.integer("number of answers", 0, reader.most_of(record_bytes));
    const std::int64_t tensors = reader.integer("number of tensors", 0, reader.most_of(number_bytes));
    constexpr double any = 1e300;
    for (std::int64_t index = 0; index < epochs; ++index) {
        EpochRecord& epoch = checkpoint.epochs.emplace_back();
        epoch.learning_rate = reader.within("learning rate", 0, any);
        epoch.training_loss = reader.within("training loss", -any, any);
        epoch.training_accuracy = reader.share("training accuracy");
        epoch.validation_accuracy = reader.share("validation accuracy");
    }
    for (std::int64_t index = 0; index < answers; ++index) {
        TrainingAnswer& answer = checkpoint.answers.emplace_back();
        answer.stop_after = reader.integer("epochs of an answer", 1, INT64_MAX);
        answer.validation_accuracy = reader.share("validation accuracy");
        answer.test_accuracy = reader.share("test accuracy");
        answer.epochs = reader.integer("epochs trained", 0, epochs);
    }
    for (std::int64_t index = 0; index < tensors; ++index) {
        const std::int64_t length = reader.integer("length of a tensor", 0, reader.most_of(sizeof(float)));
        std::vector<float>& tensor = checkpoint.tensors.emplace_back(static_cast<std::size_t>(length));
        const std::string_view values = reader.take(tensor.size() * sizeof(float), "values");
        std::ranges::copy(std::as_bytes(std::span(values)), std::as_writable_bytes(std::span(tensor)).begin());
    }
    reader.end();
    return checkpoint;
}

std::string to_csv(const std::vector<EpochRecord>& epochs) {
    std::string text = "epoch,learning_rate,training_loss,training_accuracy,validation_accuracy\n";
    const auto append_number = [&](double value, char behind) {
        std::array<char, 32> digits{};
        const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
        text.append(digits.data(), end);
        text += behind;
    };
    for (std::size_t index = 0; index < epochs.size(); ++index) {
        text += std::to_string(index + 1) + ',';
        append_number(epochs[index].learning_rate, ',');
        append_number(epochs[index].training_loss, ',');
        append_number(epochs[index].training_accuracy, ',');
        append_number(epochs[index].validation_accuracy, '\n');
    }
    return text;
}

}  // namespace sotto::accuracy
