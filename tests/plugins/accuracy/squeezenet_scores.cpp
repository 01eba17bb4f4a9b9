// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/accuracy/squeezenet_scores.hpp"

#include "tests/plugins/accuracy/proxy_library.hpp"
#include "tests/support/catch.hpp"

namespace sotto::accuracy_test {

std::vector<double> metrics_of(const std::string& id, FlatNetwork network, std::uint64_t seed) {
    const Proxy proxy = ProxyLibrary::get().create(id);
    const Answer answer = proxy.evaluate(network.view(), seed);
    INFO(answer.text);
    REQUIRE(answer.status == SOTTO_OK);
    return answer.metrics;
}

double score_of(const std::string& id, const SqueezeNetVariant& variant) {
    return metrics_of(id, squeezenet(variant)).front();
}

double mean_score_of(const std::string& id, const SqueezeNetVariant& variant) {
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        sum += metrics_of(id, squeezenet(variant), seed).front();
    }
    return sum / 4;
}

SqueezeNetVariant with_all(std::int32_t activation) {
    SqueezeNetVariant variant;
    variant.activations.assign(10, activation);
    return variant;
}

}  // namespace sotto::accuracy_test
