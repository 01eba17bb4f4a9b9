// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/cost_models_report/coverage.hpp"
#include "bench/cost_models_report/published_figures.hpp"
#include "cost_models/training/error_figures.hpp"

namespace sotto::report {

/// A figure over several seeds.
struct Spread {
    double mean = 0;
    double least = 0;
    double most = 0;
};

/// One layer type and role of one setting under a model.
struct LayerResult {
    LayerKey key;
    std::string model;
    Spread r2;
    Spread mae_ms;
    double bias_percent = 0;  ///< mean over the seeds, signed
    std::size_t rows = 0;
    std::size_t seeds = 0;
};

/// One reference network, left out as a whole.
struct NetworkResult {
    NetworkKey key;
    std::string model;
    training::NetworkFigures figures;
};

/// One network of our own measurements, left out as a whole.
struct TotalResult {
    std::string setting;
    std::string model;
    training::SlowerPartyTotal total;
};

/// What the intervals are worth that a model states for the totals of networks that it was not trained on.
struct CoverageResult {
    std::string data;  ///< published or measured
    std::string setting;
    std::string model;
    std::size_t networks = 0;
    Coverage coverage;
};

/// Time for one network in a batch, through the plug-in that a search uses.
struct SpeedResult {
    std::string model;
    std::string space;  ///< whose members the networks are
    std::size_t batch = 0;
    double first_us = 0;   ///< of the first batch: nothing is known yet
    double median_us = 0;  ///< of further batches of other networks
};

struct Point {
    double measured_ms = 0;
    double predicted_ms = 0;
    std::size_t setting = 0;  ///< index into training::settings()
};

/// Points of one model for the picture, all of times that were held out.
struct PointSets {
    std::string model;
    std::vector<Point> operations;          ///< published, unseen configurations: mean over runs of the slower party
    std::vector<Point> published_networks;  ///< left out as a whole, the slower party's total
    std::vector<Point> measured_networks;
};

struct Report {
    std::vector<std::string> notes;     ///< what is missing or was not computed, and why
    std::vector<std::string> failures;  ///< what went wrong
    std::vector<std::string> models;    ///< ids, in the order of the columns
    std::vector<std::string> splits;    ///< folds and seeds of every section, for people
    bool has_published = false;
    PublishedFigures published;
    std::vector<LayerResult> shuffled;
    std::vector<LayerResult> grouped;
    std::vector<NetworkResult> left_out;
    std::vector<SpeedResult> speed;
    std::vector<TotalResult> measured;
    std::vector<CoverageResult> coverage;
    std::vector<PointSets> points;
    std::size_t models_trained = 0;
    std::size_t models_reused = 0;
    std::string cache;  ///< directory, empty where nothing is kept
    double seconds = 0;
};

}  // namespace sotto::report
