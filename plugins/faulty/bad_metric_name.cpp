// SPDX-License-Identifier: Apache-2.0
// Declares a metric without a name that a configuration could use.
#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-bad-metric-name";

    static sotto_descriptor describe() {
        sotto_descriptor descriptor = HonestModel::describe();
        static const sotto_metric metrics[] = {
            {sizeof(sotto_metric), SOTTO_DIRECTION_MINIMIZE, SOTTO_METRIC_NON_NEGATIVE, 0, "Total latency!", "ms", ""},
            {sizeof(sotto_metric), SOTTO_DIRECTION_MINIMIZE, SOTTO_METRIC_NON_NEGATIVE, 0, "bytes", "bytes", ""}};
        descriptor.metrics = metrics;
        return descriptor;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
