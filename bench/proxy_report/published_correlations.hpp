// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace sotto::proxy_report {

/// The columns of the measurements that scores are compared with, and what they are called.
struct Label {
    std::string_view column;
    std::string_view name;
};
inline constexpr std::array<Label, 3> labels{Label{"cifar10-test", "CIFAR-10"}, Label{"cifar100-test", "CIFAR-100"},
                                             Label{"imagenet16-120-test", "ImageNet16-120"}};

/// Absolute Spearman correlations with accuracies after 200 epochs, over all 15,625 networks of NAS-Bench-201, one
/// batch: Abdelfattah, Mehrotra, Dudziak and Lane, "Zero-cost proxies for lightweight NAS", ICLR 2021, as their
/// repository (zero-cost-nas) states them. In the order of `labels`.
struct PublishedCorrelation {
    std::string_view metric;
    std::array<double, 3> spearman;
};
inline constexpr std::array<PublishedCorrelation, 6> published_correlations{
    PublishedCorrelation{"accuracy.grad_norm", {.594, .637, .578}},
    PublishedCorrelation{"accuracy.snip", {.596, .637, .578}},
    PublishedCorrelation{"accuracy.grasp", {.514, .547, .549}},
    PublishedCorrelation{"accuracy.fisher", {.360, .385, .327}},
    PublishedCorrelation{"accuracy.synflow", {.737, .763, .751}},
    PublishedCorrelation{"accuracy.jacob_cov", {.731, .704, .701}}};

}  // namespace sotto::proxy_report
