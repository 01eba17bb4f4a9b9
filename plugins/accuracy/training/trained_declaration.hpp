// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "sotto/plugin.h"

#include "plugins/accuracy/declaration.hpp"

namespace sotto::accuracy {

/// What the plug-in `trained` declares. Constant.

constexpr sotto_parameter choice_parameter(const char* name, const char* help, const char* default_value,
                                           const char* const* choices) {
    sotto_parameter parameter = text_parameter(name, help, default_value);
    parameter.choices = choices;
    return parameter;
}

constexpr sotto_parameter boolean_parameter(const char* name, const char* help, const char* default_value) {
    return parameter(SOTTO_PARAMETER_BOOLEAN, name, help, 0, 0, default_value);
}

/// Without a better way, so that no stage chooses by it.
constexpr sotto_metric metric_to_report(const char* name, const char* description) {
    sotto_metric result = metric(name, description, SOTTO_METRIC_NON_NEGATIVE);
    result.direction = SOTTO_DIRECTION_NEUTRAL;
    return result;
}

inline constexpr std::array trained_metrics{
    metric("accuracy.validation", "share of the validation images that the trained network recognises",
           SOTTO_METRIC_NON_NEGATIVE),
    metric_to_report("accuracy.test", "the same of the test images: to report, not to choose by"),
    metric_to_report("training.epochs", "epochs trained: fewer than asked for where training ended by itself")};

inline constexpr std::array<const char*, 3> normalization_choices{"fold", "as_is", nullptr};

inline constexpr std::array trained_parameters{
    text_parameter("data", "folder of the data set: IDX files, as MNIST has them, or CIFAR-10's binary version",
                   "/usr/share/datasets/fashion-mnist"),
    integer_parameter("epochs", "epochs of the whole training, over which the learning rate comes down to 0", 1, 10000,
                      "10"),
    integer_parameter("stop_after", "epochs after which this call answers, its schedule that of all; 0: all", 0, 10000,
                      "0"),
    integer_parameter("batch", "images a step", 1, 4096, "64"),
    number_parameter("learning_rate", "the highest, after warm-up", 1e-6, 100, "0.2"),
    number_parameter("warm_up", "epochs in which the learning rate rises to it", 0, 10000, "0.5"),
    number_parameter("momentum", "Nesterov's", 0, 0.9999, "0.9"),
    number_parameter("weight_decay", "of weights alone, not of biases and normalisation", 0, 1, "0.0005"),
    number_parameter("label_smoothing", "share of the target that all classes have in equal parts", 0, 0.9, "0"),
    number_parameter("gradient_norm", "longer gradients are shortened to it; 0: never", 0, 1e6, "0.5"),
    integer_parameter("shift", "pixels that training images are moved by at most, each time anew; 0: none", 0, 512,
                      "1"),
    boolean_parameter("flip", "mirror training images left to right every other time", "true"),
    integer_parameter("patience", "epochs without a better validation accuracy after which training ends; 0: never", 0,
                      10000, "5"),
    choice_parameter("batch_norm",
                     "fold: behind every convolution that has none, where it costs nothing once its numbers are folded "
                     "into the weights; as_is: where the network has one",
                     "fold", normalization_choices.data()),
    integer_parameter("validation", "images that are held out of the training part, to choose by", 1, 16777216, "5000"),
    integer_parameter("training_images", "of the rest that are trained on; 0: all", 0, 16777216, "0"),
    integer_parameter("data_seed", "of the choice of these images, which is the same for all candidates", 0,
                      9007199254740992, "1"),
    text_parameter("state_directory",
                   "where learning curves and checkpoints are kept, from which training goes on; empty: nowhere", ""),
    memory_limit_parameter};

/// Minutes.
inline constexpr double trained_cost_us = 3e8;
inline constexpr sotto_descriptor trained_descriptor =
    describe("trained", "2", "accuracy of the network, trained for real on an image data set", trained_cost_us,
             trained_metrics, trained_parameters);

}  // namespace sotto::accuracy
