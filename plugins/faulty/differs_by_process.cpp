// SPDX-License-Identifier: Apache-2.0
// Has other results in another process, and says that it is deterministic.
#include <unistd.h>

#include "plugins/faulty/honest_model.hpp"

namespace {

using namespace sotto::faulty;

struct Model : HonestModel {
    using HonestModel::HonestModel;
    static constexpr const char* id = "faulty-differs-by-process";

    double milliseconds_of(const sotto_operation& operation) override {
        static const int offset = getpid() % 1000;
        return HonestModel::milliseconds_of(operation) + offset;
    }
};

}  // namespace

SOTTO_FAULTY_ENTRY(Library<Model>)
