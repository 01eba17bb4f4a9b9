// SPDX-License-Identifier: Apache-2.0
//
// How the accuracy proxies rank the networks of NAS-Bench-201 (Dong and Yang, ICLR 2020), whose accuracy is known:
//
//     accuracy_correlation TABLE.csv [EVERY]
//
// TABLE has the columns index, arch_str, cifar10-test, cifar10-val, cifar100-test, cifar100-val, imagenet16-120-test,
// ...; every EVERYth row is taken (default 13). Prints Spearman's rank correlation of each metric, and of the number of
// parameters for comparison, with the three test accuracies.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <numeric>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/plugins/accuracy/proxy_library.hpp"

namespace {

using namespace sotto::accuracy_test;
using Value = std::optional<std::uint32_t>;  // nothing: an edge of zeros

Value apply(FlatNetwork& network, Value operand, const std::string& operation, std::int32_t channels) {
    if (!operand || operation == "none") {
        return {};
    }
    if (operation == "skip_connect") {
        return operand;
    }
    if (operation == "avg_pool_3x3") {
        return network.pool(*operand, SOTTO_LAYER_AVERAGE_POOL, 3, 1, 1);
    }
    const std::int32_t kernel = operation == "nor_conv_3x3" ? 3 : 1;
    return network.normalization(network.convolution(network.relu(*operand), channels, kernel, 1, kernel / 2));
}

Value sum(FlatNetwork& network, const std::vector<Value>& values) {
    std::vector<std::uint32_t> operands;
    for (const Value& value : values) {
        if (value) {
            operands.push_back(*value);
        }
    }
    if (operands.empty()) {
        return {};
    }
    return operands.size() == 1 ? operands.front() : network.add(operands);
}

/// The CIFAR skeleton around a cell; nothing where no path leads through the cell.
std::optional<FlatNetwork> build(const std::array<std::string, 6>& cell) {
    FlatNetwork n;
    Value x = n.normalization(n.convolution(n.input(3, 32, 32), 16, 3, 1, 1));
    for (const std::int32_t channels : {16, 32, 64}) {
        if (channels > 16 && x) {
            auto branch = n.normalization(n.convolution(n.relu(*x), channels, 3, 2, 1));
            branch = n.normalization(n.convolution(n.relu(branch), channels, 3, 1, 1));
            x = n.add({branch, n.convolution(n.pool(*x, SOTTO_LAYER_AVERAGE_POOL, 2, 2), channels, 1)});
        }
        for (int repeat = 0; repeat < 5 && x; ++repeat) {
            const Value one = apply(n, x, cell[0], channels);
            const Value two = sum(n, {apply(n, x, cell[1], channels), apply(n, one, cell[2], channels)});
            x = sum(n, {apply(n, x, cell[3], channels), apply(n, one, cell[4], channels),
                        apply(n, two, cell[5], channels)});
        }
    }
    if (!x) {
        return {};
    }
    n.fully_connected(n.global_pool(n.relu(n.normalization(*x))), 10);
    return n;
}

double weights_of(const FlatNetwork& network) {
    double total = 0;
    const auto layers = network.layers();
    for (std::uint32_t index = 0; index < layers.size(); ++index) {
        const sotto_layer& layer = layers[index];
        if (layer.kind == SOTTO_LAYER_CONVOLUTION || layer.kind == SOTTO_LAYER_FULLY_CONNECTED) {
            const double inputs = layers[network.operands(index).front()].output.channels;
            total += inputs * layer.output.channels * std::max(layer.window.kernel_height, 1) *
                     std::max(layer.window.kernel_width, 1);
        }
    }
    return total;
}

/// Ranks from 0, equal values sharing their mean rank.
std::vector<double> ranks(const std::vector<double>& values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> result(values.size());
    for (std::size_t begin = 0; begin < order.size();) {
        std::size_t end = begin;
        while (end < order.size() && values[order[end]] == values[order[begin]]) {
            ++end;
        }
        for (std::size_t at = begin; at < end; ++at) {
            result[order[at]] = static_cast<double>(begin + end - 1) / 2;
        }
        begin = end;
    }
    return result;
}

double spearman(const std::vector<double>& left, const std::vector<double>& right) {
    const std::vector<double> a = ranks(left);
    const std::vector<double> b = ranks(right);
    const double mean = static_cast<double>(a.size() - 1) / 2;
    double covariance = 0;
    double variance_a = 0;
    double variance_b = 0;
    for (std::size_t index = 0; index < a.size(); ++index) {
        covariance += (a[index] - mean) * (b[index] - mean);
        variance_a += (a[index] - mean) * (a[index] - mean);
        variance_b += (b[index] - mean) * (b[index] - mean);
    }
    return covariance / std::sqrt(variance_a * variance_b);
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);) {
        parts.push_back(part);
    }
    return parts;
}

std::array<std::string, 6> operations_of(const std::string& architecture) {
    std::array<std::string, 6> operations;
    std::size_t next = 0;
    for (const std::string& part : split(architecture, '|')) {
        if (const std::size_t end = part.find('~'); end != std::string::npos && next < operations.size()) {
            operations[next++] = part.substr(0, end);
        }
    }
    return operations;
}

}  // namespace

int main(int argument_count, char** arguments) {
    if (argument_count < 2) {
        std::fputs("usage: accuracy_correlation TABLE.csv [EVERY]\n", stderr);
        return 2;
    }
    std::ifstream table(arguments[1]);
    if (!table) {
        std::fprintf(stderr, "%s cannot be read\n", arguments[1]);
        return 2;
    }
    const int every = argument_count > 2 ? std::max(1, std::atoi(arguments[2])) : 13;
    const Proxy proxy = ProxyLibrary::get().create("combined");
    std::map<std::string, std::vector<double>> found;
    std::array<std::vector<double>, 3> known;
    std::string line;
    std::getline(table, line);
    for (int row = 0; std::getline(table, line); ++row) {
        const std::vector<std::string> columns = split(line, ',');
        if (row % every != 0 || columns.size() < 7) {
            continue;
        }
        std::optional<FlatNetwork> network = build(operations_of(columns[1]));
        if (!network) {
            continue;
        }
        const Answer answer = proxy.evaluate(network->view(), 1);
        if (answer.status != SOTTO_OK) {
            std::fprintf(stderr, "%s: %s\n", columns[1].c_str(), answer.text.c_str());
            return 1;
        }
        found["accuracy.score"].push_back(answer.metrics[0]);
        found["accuracy.synflow"].push_back(answer.metrics[1]);
        found["accuracy.naswot"].push_back(answer.metrics[2]);
        found["parameters"].push_back(weights_of(*network));
        for (std::size_t which = 0; which < known.size(); ++which) {
            known[which].push_back(std::stod(columns[2 + 2 * which]));
        }
    }
    std::printf("%zu networks\n%-18s %10s %10s %14s\n", known[0].size(), "", "CIFAR-10", "CIFAR-100", "ImageNet16-120");
    for (const auto& [name, values] : found) {
        std::printf("%-18s %10.3f %10.3f %14.3f\n", name.c_str(), spearman(values, known[0]),
                    spearman(values, known[1]), spearman(values, known[2]));
    }
    return 0;
}
