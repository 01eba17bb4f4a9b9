// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/training/checkpoint.hpp"

#include <limits>
#include <string>

#include "engine/input/input_error.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::accuracy;
using sotto::matchers::contains_text;

namespace {

Checkpoint example() {
    Checkpoint checkpoint;
    checkpoint.identity = "0123456789abcdef0123456789abcdef";
    checkpoint.epochs = {{0.1, 2.25, 0.5, 0.25}, {0.05, 1.0 / 3, 0.75, 1}};
    checkpoint.answers = {{1, 0.25, 0.125, 1}, {7, 1, 0.5, 2}};
    checkpoint.tensors = {{1, -0.0F, std::numeric_limits<float>::denorm_min()}, {}, {3.5F}};
    return checkpoint;
}

std::string error_of(const std::string& bytes) {
    try {
        parse_checkpoint(bytes, "c.checkpoint");
    } catch (const input::InputError& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("a checkpoint is read as it was written") {
    Checkpoint checkpoint = example();
    CHECK(parse_checkpoint(to_bytes(checkpoint), "c") == checkpoint);
    checkpoint.diverged = true;
    checkpoint.epochs.clear();
    checkpoint.answers = {{3, 0.5, 0.5, 0}};
    CHECK(parse_checkpoint(to_bytes(checkpoint), "c") == checkpoint);
}

TEST_CASE("a checkpoint with any byte changed or missing is refused") {
    const std::string good = to_bytes(example());
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string damaged = good;
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        INFO(at);
        CHECK_THAT(error_of(damaged), contains_text("c.checkpoint:1: "));
        CHECK_THAT(error_of(good.substr(0, at)), contains_text("c.checkpoint:1: "));
    }
    CHECK_THAT(error_of(good + "x"), contains_text("not whole"));
    CHECK_THAT(error_of("sotto-training/2 xxh3-128="), contains_text("not a checkpoint of this version"));
}

TEST_CASE("a checkpoint whose numbers make no sense is refused where its checksum fits") {
    const auto error = [](auto change) {
        Checkpoint checkpoint = example();
        change(checkpoint);
        return error_of(to_bytes(checkpoint));
    };
    CHECK_THAT(error([](Checkpoint& c) { c.epochs[1].validation_accuracy = 1.5; }),
               contains_text("validation accuracy: found 1.5"));
    CHECK_THAT(error([](Checkpoint& c) { c.epochs[0].training_loss = std::numeric_limits<double>::quiet_NaN(); }),
               contains_text("training loss: found"));
    CHECK_THAT(error([](Checkpoint& c) { c.answers[0].epochs = 3; }), contains_text("epochs trained: found 3"));
    CHECK_THAT(error([](Checkpoint& c) { c.answers[0].stop_after = 0; }), contains_text("epochs of an answer"));
    CHECK_THAT(error([](Checkpoint& c) { c.identity += "0000"; }), contains_text("diverged"));
}

TEST_CASE("a learning curve is a table of its epochs") {
    const std::string text = to_csv(example().epochs);
    CHECK(text ==
          "epoch,learning_rate,training_loss,training_accuracy,validation_accuracy\n"
          "1,0.1,2.25,0.5,0.25\n"
          "2,0.05,0.3333333333333333,0.75,1\n");
}
