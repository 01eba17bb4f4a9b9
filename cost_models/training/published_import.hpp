// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cost_models/training/measurement_table.hpp"

namespace sotto::training {

/// Turns published measurements (Zhang & Mann, "Predicting the execution time of secure neural network inference", SEC
/// 2024) of one setting (local, lan, wan) into a measurement table. Knows two layouts and tells them apart by what is
/// in the directory; docs/formats.md describes both and what is inferred:
///
///  tidy       lan/client/conv.csv ...: each row says its network, run, part and position
///  companion  layer_onlyTime_LAN/dataset/data_layer/conv_onlyTime_client.csv ...: as published, one file for each
///  layer
///             type and role, rows in the order network, run, position but without saying which
///
/// `sequences`: a list of the networks' layers in execution order (nets_layers.csv of the tidy layout); empty: the
/// directory's own, sequences/nets_layers.csv, where it has one. With it the companion layout is put back into
/// networks, and the tidy one is checked against it. Without it every configuration of the companion layout becomes a
/// network of one operation, whose runs are its rows; which ReLUs rescale is unknown then: all have `truncates` 0, and
/// `notes`, where given, gets a line that says so. Runs are numbered from 1 in the order of the files.
///
/// Throws input::InputError for files that are missing or not in order, client and server rows that disagree (with both
/// files and lines), positions that are missing, rows that fit no network or two.
MeasurementTable import_published(const std::string& directory, std::string_view setting,
                                  const std::string& sequences = {}, std::vector<std::string>* notes = nullptr);

}  // namespace sotto::training
