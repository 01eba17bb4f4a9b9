// SPDX-License-Identifier: Apache-2.0
// Keeps the parameter of an instance in a variable that all instances share.
#include <atomic>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

std::atomic<double> scale = 1;

struct Model : HonestModel {
    static constexpr const char* id = "faulty-shared-state";

    explicit Model(const Setup& given) : HonestModel(given) { scale = given.scale; }

    double milliseconds_of(const sotto_operation& operation) override { return scale * operation.kind; }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
