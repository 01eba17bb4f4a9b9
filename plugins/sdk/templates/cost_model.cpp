// SPDX-License-Identifier: Apache-2.0
// my-model: a cost model in C++. Every operation of the secure program costs a constant and a price an element, which
// its parameters set. The base class adds up and offers the share of each operation.
#include "sotto/plugin.hpp"

namespace {

using namespace sotto::sdk;

class MyModel final : public AdditiveCostModel {
  public:
    static Declaration declare() {
        Declaration declaration;
        declaration.id = "my-model";
        declaration.version = "1.0.0";
        declaration.description = "a constant an operation and a price an element";
        declaration.metrics = {{"latency.total_ms", "ms", "time of all operations", SOTTO_DIRECTION_MINIMIZE,
                                SOTTO_METRIC_NON_NEGATIVE | SOTTO_METRIC_SUM}};
        declaration.parameters = {
            Parameter::number("operation_us", "microseconds of every operation, whatever its size", 250, 0, 1e9),
            Parameter::number("element_ns",
                              "nanoseconds of every element that a relu compares; other operations cost a hundredth "
                              "of it",
                              900, 0, 1e9)};
        declaration.thread_level = SOTTO_THREADS_SHARED;  // price() only reads
        // Another kind is unsupported, which is an answer and no fault; price() never sees it.
        declaration.operation_kinds = {SOTTO_OPERATION_CONVOLUTION, SOTTO_OPERATION_RELU,
                                       SOTTO_OPERATION_MAX_POOL,    SOTTO_OPERATION_AVERAGE_POOL,
                                       SOTTO_OPERATION_TRUNCATION,  SOTTO_OPERATION_BATCH_NORMALIZATION,
                                       SOTTO_OPERATION_MULTIPLY,    SOTTO_OPERATION_FULLY_CONNECTED};
        return declaration;
    }

    MyModel(const Arguments& arguments, const Host& /*host*/)
        : operation_ms_(arguments.number("operation_us") * 1e-3), element_ms_(arguments.number("element_ns") * 1e-6) {}

    void price(const sotto_operation& operation, Values metrics) override {
        const double share = operation.kind == SOTTO_OPERATION_RELU ? 1 : 0.01;
        metrics[0] = operation_ms_ + element_ms_ * share * static_cast<double>(operation.elements);
    }

  private:
    double operation_ms_;
    double element_ms_;
};

}  // namespace

SOTTO_PLUGIN(MyModel)
