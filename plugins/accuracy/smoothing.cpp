// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/smoothing.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace sotto::accuracy {
namespace {

/// Correlation of values that stand so many positions apart; 1 for 0.
constexpr int lags = 24;
using Correlation = std::array<double, lags>;

struct Signal {
    double variance = 1;
    Correlation rows{1};
    Correlation columns{1};
    double layers = 0;  ///< with weights, on the path so far
    double pools = 0;   ///< that smooth
};

/// After the mean over `length` neighbours; gives the share of the variance that is left. The mean's autocovariance is
/// that of the values weighted with how many pairs of the two windows stand so far apart.
double smooth(Correlation& correlation, int length) {
    Correlation covariance{};
    for (int lag = 0; lag < lags; ++lag) {
        for (int shift = 1 - length; shift < length; ++shift) {
            const int apart = std::abs(lag + shift);
            const double pairs = length - std::abs(shift);
            covariance[static_cast<std::size_t>(lag)] +=
                apart < lags ? pairs * correlation[static_cast<std::size_t>(apart)] : 0;
        }
    }
    const double left = covariance[0] / (static_cast<double>(length) * length);
    for (int lag = 0; lag < lags; ++lag) {
        correlation[static_cast<std::size_t>(lag)] = covariance[static_cast<std::size_t>(lag)] / covariance[0];
    }
    return left;
}

void thin_out(Correlation& correlation, int stride) {
    Correlation thinned{};
    for (int lag = 0; lag * stride < lags; ++lag) {
        thinned[static_cast<std::size_t>(lag)] = correlation[static_cast<std::size_t>(lag * stride)];
    }
    correlation = thinned;
}

Signal combine(const Graph& graph, std::size_t layer, const std::vector<Signal>& signals) {
    const bool is_sum = graph.nodes()[layer].kind == SOTTO_LAYER_ADD;
    Signal result;
    result.rows = {};
    result.columns = {};
    double variance = 0;
    double channels = 0;
    double walks = 0;
    for (const std::uint32_t operand : graph.operands(layer)) {
        const Signal& from = signals[operand];
        const double own_channels = is_sum ? 1 : graph.nodes()[operand].output.channels;
        const double share = from.variance * own_channels;
        const double walk = is_sum ? from.variance : own_channels;
        variance += share;
        channels += own_channels;
        walks += walk;
        for (std::size_t lag = 0; lag < lags; ++lag) {
            result.rows[lag] += share * from.rows[lag];
            result.columns[lag] += share * from.columns[lag];
        }
        result.layers += walk * from.layers;
        result.pools += walk * from.pools;
    }
    for (std::size_t lag = 0; lag < lags; ++lag) {
        result.rows[lag] /= variance;
        result.columns[lag] /= variance;
    }
    result.variance = is_sum ? variance : variance / channels;
    result.layers /= walks;
    result.pools /= walks;
    return result;
}

Signal after(const Graph& graph, std::size_t layer, const std::vector<Signal>& signals) {
    const Node& node = graph.nodes()[layer];
    if (node.kind == SOTTO_LAYER_ADD || node.kind == SOTTO_LAYER_CONCAT) {
        return combine(graph, layer, signals);
    }
    Signal signal = signals[graph.operands(layer).front()];
    const bool pools = node.kind == SOTTO_LAYER_MAX_POOL || node.kind == SOTTO_LAYER_AVERAGE_POOL;
    if (pools) {
        const sotto_window& window = node.window;
        const bool moves_by_one = window.stride_height == 1 && window.stride_width == 1;
        signal.pools += moves_by_one && window.kernel_height * window.kernel_width > 1 ? 1 : 0;
        // Along columns neighbours stand above each other.
        signal.variance *= smooth(signal.columns, std::min(window.kernel_height, lags)) *
                           smooth(signal.rows, std::min(window.kernel_width, lags));
    }
    if (pools || node.kind == SOTTO_LAYER_CONVOLUTION) {
        thin_out(signal.columns, node.window.stride_height);
        thin_out(signal.rows, node.window.stride_width);
    }
    if (node.kind == SOTTO_LAYER_BATCH_NORMALIZATION) {
        signal.variance = 1;
    }
    signal.layers += graph.weight_count(layer) > 0 ? 1 : 0;
    return signal;
}

}  // namespace

double smoothing_share(const Graph& graph) {
    std::vector<Signal> signals(graph.nodes().size());
    for (std::size_t layer = 1; layer < signals.size(); ++layer) {
        if (graph.nodes()[layer].consumers > 0) {
            signals[layer] = after(graph, layer, signals);
        }
    }
    const Signal& output = signals[graph.output()];
    const double all = output.layers + output.pools;
    return all > 0 ? output.pools / all : 0;
}

}  // namespace sotto::accuracy
